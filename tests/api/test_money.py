"""Money as a customer sees it: the ledger's chain checked with nothing but its answers."""
import hashlib
import subprocess
from decimal import Decimal

from conftest import ORATOR, ask

EFFECTS = {"credit": 1, "debit": -1, "reserve": -1, "release": 1, "charge": 0}


def entries(server, key):
    rows, after = [], 0
    while True:
        page = server.get(f"/v1/ledger?order=asc&limit=2&after={after}", key).json
        rows += page["data"]
        if not page["has_more"]:
            return rows, page["account"]
        after = page["last_id"]


def check_chain(rows, account):
    """As docs/accounts.md describes it."""
    previous, balance = bytes(32), 0
    for number, row in enumerate(rows, 1):
        assert row["id"] == number and row["format"] == 2 and row["previous_hash"] == previous.hex()
        lines = [2, account["id"], row["id"], row["task_id"] or "", row["key_id"], row["kind"], row["amount_micro"],
                 row["balance_micro"], row["at_ms"], row["note"]]
        previous = hashlib.sha256(previous + "".join(f"{line}\n" for line in lines).encode()).digest()
        assert row["hash"] == previous.hex()
        balance += EFFECTS[row["kind"]] * row["amount_micro"]
        assert balance == row["balance_micro"] and Decimal(row["balance"]) * 1000000 == balance
    assert previous.hex() == account["last_hash"] and len(rows) == account["entries"]
    assert Decimal(account["available"]) * 1000000 == balance
    spent = sum(r["amount_micro"] for r in rows if r["kind"] == "charge")
    assert Decimal(account["spent"]) * 1000000 == spent
    return spent


def test_a_customer_checks_every_sum_from_the_first_credit_to_the_video(server, quick_body):
    made = subprocess.run([ORATOR, "keys", "create", "root", "--scopes", "admin", "--data", server.data], check=True,
                          capture_output=True, text=True)
    root = made.stdout.strip()
    account = ask("POST", server.url + "/v1/accounts", root, {"name": "Acme"}).json
    key = ask("POST", server.url + "/v1/keys", root, {"account_id": account["id"], "name": "site"}).json["key"]
    refused = server.submit(quick_body, key)
    assert (refused.status, refused.json["error"]["code"]) == (402, "insufficient_balance")
    assert refused.headers["x-should-retry"] == "false"
    ask("POST", f"{server.url}/v1/accounts/{account['id']}/credit", root, {"amount": "5", "note": "first"})
    job = server.submit(quick_body, key).json
    canceled = server.submit(quick_body, key).json
    ask("POST", canceled["urls"]["cancel"], key)
    done = server.get(f"/v1/video/generations/{job['id']}?wait=60", key).json
    assert done["status"] == "completed", done
    rows, seen = entries(server, key)
    spent = check_chain(rows, seen)
    assert spent == Decimal(done["billing"]["charged"]) * 1000000 > 0
    assert [r["kind"] for r in rows if r["task_id"] == canceled["id"]] == ["reserve", "release"]
    assert max(r["id"] for r in rows if r["task_id"] == job["id"]) == done["billing"]["ledger_entry"]
    usage = server.get("/v1/usage?group_by=day", key).json
    assert usage["total"] == {"jobs": 2, "charged": done["billing"]["charged"]}
    verified = subprocess.run([ORATOR, "ledger", "verify", "--data", server.data], capture_output=True, text=True, check=True)
    assert "every chain is whole" in verified.stdout
