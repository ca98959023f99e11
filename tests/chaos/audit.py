"""What is left when nothing is broken any more. audit() returns a line for each thing that is wrong."""
import json
import time
from collections import Counter

from customers import JOBS, ask

STILL_S = 90  # without a change: longer than a lease, and than any second try


def every_job(url, key):
    jobs, after = {}, ""
    while True:
        status, body = ask("GET", f"{url}{JOBS}?limit=100{after}", key, timeout=30)
        if status != 200:
            raise SystemExit(f"the list of jobs was answered with {status}: {body[:300]}")
        page = json.loads(body)
        jobs.update({j["id"]: j for j in page["data"]})
        if not page["has_more"]:
            return jobs
        after = f"&after={page['last_id']}"


def settle_down(cluster, url, key, receiver):
    """Until every job is over and its webhook delivered, or nothing changes any more."""
    jobs, left, changed = {}, None, time.monotonic()
    while time.monotonic() < changed + STILL_S:
        cluster.look_after()
        jobs = every_job(url, key)
        open_jobs = sum(j["status"] not in ("completed", "failed") for j in jobs.values())
        untold = len(jobs.keys() - receiver.told.keys())
        if open_jobs == untold == 0:
            break
        if (open_jobs, untold) != left:
            left, changed = (open_jobs, untold), time.monotonic()
        time.sleep(1)
    return jobs


def check_video(job, url):
    """Words on what is wrong with the video of a completed job; None: nothing."""
    result = job.get("result") or {}
    link = job.get("video_url") or result.get("video_url")
    if "/media/" in link:  # of a server, which has another port since
        link = url + link[link.index("/media/"):]
    status, video = ask("GET", link, None, timeout=30)
    if status != 200:
        return f"its video is answered with {status}"
    if video[4:8] != b"ftyp" or (result.get("size_bytes") or len(video)) != len(video):
        return f"its video has {len(video)} bytes, the job says {result.get('size_bytes')}"
    return None


def audit(cluster, customers, receiver, key):
    wrong = []
    url = cluster.servers[0].url
    cluster.await_port(cluster.servers[0])
    began = time.monotonic()
    jobs = settle_down(cluster, url, key, receiver)
    calm_s = time.monotonic() - began

    for lost in customers.accepted.keys() - jobs.keys():
        wrong.append(f"{lost} was accepted and is not there")
    results, charged = Counter(), 0
    for job in jobs.values():
        charged += round(float(job["billing"]["charged"]) * 1e6)
        if job["status"] == "completed":
            results["completed, rendered" if "pro" in job["model"] else "completed"] += 1
            bad = check_video(job, url)
            if bad:
                wrong.append(f"{job['id']}: {bad}")
        elif job["status"] == "failed":
            error = job.get("error") or {}
            results[f"failed: {error.get('code')}"] += 1
            if not error.get("code") or not error.get("message"):
                wrong.append(f"{job['id']} failed without a reason")
            if float(job["billing"]["charged"]) != 0:
                wrong.append(f"{job['id']} failed and was charged {job['billing']['charged']}")
        else:
            wrong.append(f"{job['id']} is {job['status']} {job.get('stage')} and nothing has changed for {STILL_S} s")
        if job["id"] not in receiver.told:
            wrong.append(f"nobody was told of {job['id']}, {job['status']}")

    balance = json.loads(ask("GET", f"{url}/v1/balance", key)[1])
    if round(float(balance["held"]) * 1e6) != 0:
        wrong.append(f"{balance['held']} is still held")
    if round(float(balance["spent"]) * 1e6) != charged:
        wrong.append(f"{balance['spent']} was spent, the jobs say {charged / 1e6}")
    for node in cluster.nodes:
        status = node.stop()
        if status != 0:
            wrong.append(f"{node.name} ended with {status}")
    status, ledger = cluster.orator("ledger", "verify")
    if status != 0:
        wrong.append(f"ledger: {ledger}")

    # One start sweeps; then every file is somebody's.
    before = cluster.files()
    cluster.age()
    cluster.servers[0].start()
    cluster.await_port(cluster.servers[0])
    time.sleep(2)
    cluster.servers[0].stop()
    there, named = cluster.files(), cluster.named()
    wrong += [f"{name} belongs to nothing" for name in sorted(there - named)]
    wrong += [f"{name} is missing" for name in sorted(named - there)]

    print("requests   ", dict(sorted(customers.answers.items())))
    print("accepted   ", len(customers.accepted), " more that were not heard of", len(jobs.keys() - customers.accepted.keys()))
    print("jobs       ", dict(results), f" over {calm_s:.1f} s after the last disaster")
    print("leases lost", sum(n.said("lease_lost") for n in cluster.nodes), " handed back", sum(n.said("handed_back") for n in cluster.nodes),
          " tries that failed", sum(n.said("task.failed") for n in cluster.nodes))
    print("webhooks   ", sum(receiver.told.values()), " deliveries", len(receiver.ids), " sent twice", sum(c > 1 for c in receiver.ids.values()))
    print("files      ", len(there), " named", len(named), " swept", len(before - there))
    print("ledger     ", ledger)
    return wrong
