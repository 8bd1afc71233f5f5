"""A small timestamp authority (RFC 3161) on this machine, and certificates of any shape."""

import hashlib
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = timedelta(days=1)
MAIL = (ExtendedKeyUsageOID.EMAIL_PROTECTION,)


@dataclass(frozen=True)
class Issued:
    """A key and its certificate."""

    key: object
    certificate: x509.Certificate

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def key_pem(self, passphrase: bytes | None = None) -> bytes:
        hidden = serialization.BestAvailableEncryption(passphrase) if passphrase else None
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            hidden or serialization.NoEncryption(),
        )


def new_key(kind: str = "p256"):
    """A private key: p256, p384, p521, ed25519, rsa, rsa1024."""
    if kind == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    if kind.startswith("rsa"):
        return rsa.generate_private_key(65537, int(kind[3:] or 2048))
    return ec.generate_private_key(
        {"p384": ec.SECP384R1(), "p521": ec.SECP521R1()}.get(kind, ec.SECP256R1())
    )


def issue(
    name: str,
    issuer: Issued | None = None,
    *,
    key: object = None,
    ca: bool = False,
    purposes: tuple[x509.ObjectIdentifier, ...] = MAIL,
    start: datetime | None = None,
    days: float = 365,
    signing: bool = True,
    authority: bool = True,
) -> Issued:
    """A certificate, signed by `issuer` or by itself."""
    key = key or new_key()
    start = start or datetime.now(UTC) - DAY
    names = [(NameOID.ORGANIZATION_NAME, "Test House"), (NameOID.COMMON_NAME, name)]
    subject = x509.Name([x509.NameAttribute(*one) for one in names])
    above = issuer.key if issuer else key
    usage = dict.fromkeys(
        ["content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
         "encipher_only", "decipher_only"], False)  # fmt: skip
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + days * DAY)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(digital_signature=signing, key_cert_sign=ca, crl_sign=ca, **usage),
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
    )
    if authority:
        known = x509.AuthorityKeyIdentifier.from_issuer_public_key(above.public_key())
        builder = builder.add_extension(known, critical=False)
    if not ca and purposes:
        critical = ExtendedKeyUsageOID.TIME_STAMPING in purposes
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=critical)
    plain = isinstance(above, ed25519.Ed25519PrivateKey)
    return Issued(key, builder.sign(above, None if plain else SHA256()))


class Authority:
    """Signs what time it is: by RSA, as most authorities do."""

    def __init__(self) -> None:
        self.root = issue("Time root", ca=True, key=new_key("rsa"))
        self.leaf = issue(
            "Time leaf",
            self.root,
            key=new_key("rsa"),
            purposes=(ExtendedKeyUsageOID.TIME_STAMPING,),
        )
        self.asked = 0

    def answer(self, query: bytes) -> bytes:
        """The response to a query, both DER."""
        self.asked += 1
        asked = tsp.TimeStampReq.load(query)
        content = tsp.TSTInfo({
            "version": "v1",
            "policy": "1.3.6.1.4.1.57264.2",
            "message_imprint": asked["message_imprint"],
            "serial_number": secrets.randbits(62),
            "gen_time": datetime.now(UTC).replace(microsecond=0),
            **({"nonce": asked["nonce"]} if asked["nonce"].native is not None else {}),
        })  # fmt: skip
        granted = {"status": {"status": "granted"}, "time_stamp_token": self._signed(content)}
        return tsp.TimeStampResp(granted).dump()

    def _signed(self, content: tsp.TSTInfo) -> cms.ContentInfo:
        certificate = asn1_x509.Certificate.load(
            self.leaf.certificate.public_bytes(serialization.Encoding.DER)
        )
        identity = tsp.ESSCertIDv2({"cert_hash": hashlib.sha256(certificate.dump()).digest()})
        attributes = cms.CMSAttributes([
            cms.CMSAttribute({"type": "content_type", "values": ["tst_info"]}),
            cms.CMSAttribute({
                "type": "message_digest", "values": [hashlib.sha256(content.dump()).digest()],
            }),
            cms.CMSAttribute({
                "type": "signing_certificate_v2",
                "values": [tsp.SigningCertificateV2({"certs": [identity]})],
            }),
        ])  # fmt: skip
        sha256 = algos.DigestAlgorithm({"algorithm": "sha256"})
        signer = cms.SignerInfo({
            "version": "v1",
            "sid": cms.SignerIdentifier({
                "issuer_and_serial_number": cms.IssuerAndSerialNumber({
                    "issuer": certificate.issuer, "serial_number": certificate.serial_number,
                })
            }),
            "digest_algorithm": sha256,
            "signed_attrs": attributes,
            "signature_algorithm": {"algorithm": "sha256_rsa"},
            "signature": self.leaf.key.sign(attributes.dump(), padding.PKCS1v15(), SHA256()),
        })  # fmt: skip
        root = asn1_x509.Certificate.load(
            self.root.certificate.public_bytes(serialization.Encoding.DER)
        )
        signed = cms.SignedData({
            "version": "v3",
            "digest_algorithms": [sha256],
            "encap_content_info": {
                "content_type": "tst_info",
                "content": core.ParsableOctetString(content.dump()),
            },
            "certificates": [certificate, root],
            "signer_infos": [signer],
        })  # fmt: skip
        return cms.ContentInfo({"content_type": "signed_data", "content": signed})


@contextmanager
def serving(authority: Authority | None) -> Iterator[str]:
    """The address of a server that answers with the authority, or with error 500 without one."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            body = authority.answer(query) if authority else b"out of order"
            self.send_response(200 if authority else 500)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: object) -> None:
            """Nothing on stderr."""

    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
