"""A Hub on loopback that has one model, org/demo: the files of a folder.

    python3 hub.py FOLDER CERTIFICATE KEY PORTFILE
"""
import hashlib, http.server, json, os, ssl, sys, threading

folder, certificate, key, port_file = sys.argv[1:]
COMMIT = "0123456789" * 4


class Hub(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, data=b"", **fields):
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def do_GET(self):
        path = self.path.split("?")[0]
        if path.startswith("/api/models/org/demo/revision/"):
            files = [{"rfilename": name} for name in sorted(os.listdir(folder))]
            listing = {"id": "org/demo", "sha": COMMIT, "siblings": files}
            return self.answer(200, json.dumps(listing).encode(), Content_Type="application/json")
        name = os.path.basename(path)
        if not path.startswith(("/org/demo/resolve/", "/storage/")) or name not in os.listdir(folder):
            return self.answer(404, X_Error_Code="RepoNotFound")
        with open(os.path.join(folder, name), "rb") as file:
            data = file.read()
        if path.startswith("/storage/"):
            return self.answer(200, data)
        if name.endswith(".safetensors"):
            digest = hashlib.sha256(data).hexdigest()
            place = f"https://localhost:{storage.server_port}/storage/{name}"
            return self.answer(302, X_Repo_Commit=COMMIT, X_Linked_Etag=f'"{digest}"',
                               X_Linked_Size=str(len(data)), Location=place)
        digest = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
        self.answer(200, data, X_Repo_Commit=COMMIT, ETag=f'"{digest}"')

    do_HEAD = do_GET

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    def __init__(self):
        super().__init__(("127.0.0.1", 0), Hub)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def handle_error(self, *_):
        """A client that does not trust the certificate hangs up."""


# Large files lie on another server, as the Hub's do.
hub, storage = Server(), Server()
threading.Thread(target=storage.serve_forever, daemon=True).start()
with open(port_file, "w") as file:
    file.write(str(hub.server_port))
hub.serve_forever()
