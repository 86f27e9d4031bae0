"""The work of the monitor as a Python script: boto3 and 16 threads. Reads the monitor's configuration."""

import hashlib
import json
import os
import socket
import ssl
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlparse

import boto3
from botocore.config import Config

THREADS = 16
ROOTS = ssl.create_default_context(cafile=os.environ["NODE_EXTRA_CA_CERTS"])
IAM = boto3.client("iam", config=Config(max_pool_connections=THREADS))


def chain_of(connection):
    """The certificates as served, in DER."""
    public = getattr(connection, "get_unverified_chain", None)
    if public is not None:
        return public()
    return [each.public_bytes(ssl._ssl.ENCODING_DER) for each in connection._sslobj.get_unverified_chain()]


def look(issuer):
    with urllib.request.urlopen(f"{issuer}/.well-known/openid-configuration", context=ROOTS) as answer:
        document = json.load(answer)
    place = urlparse(document["jwks_uri"])
    with socket.create_connection((place.hostname, place.port or 443)) as plain:
        with ROOTS.wrap_socket(plain, server_hostname=place.hostname) as connection:
            thumbprint = hashlib.sha1(chain_of(connection)[-1]).hexdigest()
    arn = f"arn:aws:iam::123456789012:oidc-provider/{issuer.removeprefix('https://')}"
    listed = IAM.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)["ThumbprintList"]
    return {"issuer": document["issuer"], "thumbprint": thumbprint, "listed": listed}


with ThreadPoolExecutor(THREADS) as pool:
    print(json.dumps(list(pool.map(look, json.loads(os.environ["MONITOR_CONFIG"])["issuers"]))))
