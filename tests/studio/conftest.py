"""The server, its files and voices: as tests/api has them."""
import importlib.util
import pathlib
import sys

path = pathlib.Path(__file__).resolve().parents[1] / "api" / "conftest.py"
spec = importlib.util.spec_from_file_location("api_server", path)
api_server = sys.modules["api_server"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(api_server)
media, files, server = api_server.media, api_server.files, api_server.server
