# SPDX-License-Identifier: Apache-2.0
"""The description that requests are checked against: ech.yaml, with ece.yaml on top for ECE, and what the text has wrong mended."""
import copy
import os

import yaml

HERE = os.path.dirname(os.path.abspath(__file__))
METHODS = ("get", "put", "post", "patch", "delete")


def as_written(kind):
    """The description as it is in the files, to compare with the published one."""
    with open(os.path.join(HERE, "ech.yaml"), encoding="utf-8") as f:
        spec = yaml.safe_load(f)
    if kind == "ece":
        with open(os.path.join(HERE, "ece.yaml"), encoding="utf-8") as f:
            more = yaml.safe_load(f)
        for key, value in more.items():
            if isinstance(value, dict):
                spec.setdefault(key, {}).update(value)
            else:
                spec[key] = value
    return spec


def to_enforce(kind):
    """The description to hand to connexion."""
    spec = copy.deepcopy(as_written(kind))
    # The published type of a secret's value is "object" although its text says "a string or a JSON object": with the type every
    # S3 key would be refused. api.py checks what the text says.
    del spec["definitions"]["KeystoreSecret"]["properties"]["value"]["type"]
    # Swagger lets unknown fields pass unless told otherwise: a misspelt "vaule" would be taken for a removal.
    for schema in spec["definitions"].values():
        schema.setdefault("additionalProperties", False)
    for path, item in spec["paths"].items():
        if path.endswith("/{proxy_path}"):
            # It is a whole path, slashes and all; what is proxied is the raw body (a JSON string is what the text literally asks
            # for), and so is what comes back (published as {"value": "..."}).
            for method in METHODS:
                if method in item:
                    item[method]["parameters"] = [p for p in item[method]["parameters"] if p["$ref"] != "#/parameters/payload"]
                    item[method]["responses"]["200"].pop("schema", None)
    if "rest" in spec["parameters"]:
        spec["parameters"]["rest"]["format"] = "path"
        del spec["parameters"]["payload"]
    # Ours, not connexion's default, which would import by name. api.py has the functions.
    spec["securityDefinitions"]["apiKey"]["x-apikeyInfoFunc"] = "api.check_key"
    if "basicAuth" in spec["securityDefinitions"]:
        spec["securityDefinitions"]["basicAuth"]["x-basicInfoFunc"] = "api.check_password"
    return spec
