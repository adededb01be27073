# SPDX-License-Identifier: Apache-2.0
"""Compares ech.yaml and ece.yaml with the published descriptions: compare.py DIRECTORY

DIRECTORY has elastic-cloud-hosted-api.json and elastic-cloud-enterprise-api.json. Operations of ours must be there with the same
parameters; what is sent must have the same shape; in answers ours may have fewer fields, but all that are required. Prints each
difference; exit 0 if there is none, 1 otherwise, 77 if the directory or a file of it is not there."""
import json
import os
import sys

import describe

FILES = {"ech": "elastic-cloud-hosted-api.json", "ece": "elastic-cloud-enterprise-api.json"}
WORDS = ("description", "summary", "title")
found = []


def say(text):
    found.append(text)
    print(text)


def resolve(spec, node):
    while "$ref" in node:
        where = spec
        for part in node["$ref"].lstrip("#/").split("/"):
            where = where[part]
        node = where
    return node


def bare(spec, node):
    """A schema or parameter without words and with everything that it refers to."""
    if isinstance(node, list):
        return [bare(spec, n) for n in node]
    if not isinstance(node, dict):
        return node
    node = resolve(spec, node)
    # a field may be called "description"; then it is a schema
    return {k: bare(spec, v) for k, v in node.items() if k not in WORDS or isinstance(v, dict)}


def answer(place, ours, theirs, spec, published):
    """Each field that ours has must be in theirs, alike; what they require, ours requires."""
    ours, theirs = resolve(spec, ours), resolve(published, theirs)
    for key in ("type", "format", "enum"):
        if ours.get(key) != theirs.get(key):
            say(f"{place}: {key} {ours.get(key)}, published {theirs.get(key)}")
    if sorted(ours.get("required", [])) != sorted(theirs.get("required", [])):
        say(f"{place}: required {sorted(ours.get('required', []))}, published {sorted(theirs.get('required', []))}")
    for name, schema in ours.get("properties", {}).items():
        if name in theirs.get("properties", {}):
            answer(f"{place}.{name}", schema, theirs["properties"][name], spec, published)
        else:
            say(f"{place}.{name}: not published")
    for key in ("items", "additionalProperties"):
        if key in ours and key not in theirs:
            say(f"{place}: {key} not published")
        elif key in ours:
            answer(f"{place}[]", ours[key], theirs[key], spec, published)
        elif key in theirs and ours.get("maxItems") != 0:
            say(f"{place}: no {key}")


def operation(place, ours, theirs, spec, published):
    def mapped(whose, node):
        return {(p["in"], p["name"]): p for p in bare(whose, node.get("parameters", []))}
    a, b = mapped(spec, ours), mapped(published, theirs)
    for key in sorted(set(a) | set(b)):
        if a.get(key) != b.get(key):
            say(f"{place} parameter {key[1]}: {a.get(key)}, published {b.get(key)}")
    for key in ("operationId", "consumes"):
        if ours.get(key) != theirs.get(key):
            say(f"{place}: {key} {ours.get(key)}, published {theirs.get(key)}")
    if set(ours["responses"]) != set(theirs["responses"]):
        say(f"{place}: answers {sorted(ours['responses'])}, published {sorted(theirs['responses'])}")
    for status in set(ours["responses"]) & set(theirs["responses"]):
        a, b = resolve(spec, ours["responses"][status]), resolve(published, theirs["responses"][status])
        answer(f"{place} {status}", a["schema"], b["schema"], spec, published)


def whole(kind, published):
    spec = describe.as_written(kind)
    if spec["basePath"] != published["basePath"] or spec["security"] != published["security"]:
        say(f"{kind}: basePath or security differ")
    if spec["securityDefinitions"] != published["securityDefinitions"]:
        say(f"{kind}: securityDefinitions differ")
    count = 0
    for path, item in spec["paths"].items():
        for method in item:
            count += 1
            if method in published["paths"].get(path, {}):
                operation(f"{kind} {method} {path}", item[method], published["paths"][path][method], spec, published)
            else:
                say(f"{kind} {method} {path}: not published")
    return count


def main():
    for kind, name in FILES.items():
        file = os.path.join(sys.argv[1], name)
        if not os.path.exists(file):
            print(f"{file} is not here: nothing was compared")
            sys.exit(77)
        with open(file, encoding="utf-8") as f:
            print(f"{kind}: {whole(kind, json.load(f))} operations compared with {name}")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
