#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our lint of policies beside PyPI's parliament, over the table tests/data/policies.json.

usage: policy_lint.py GEN [PARLIAMENT]   compare findings, parliament's too where it is given, and docs/policy-lint.md
       policy_lint.py GEN --write        write docs/policy-lint.md from the table

Each entry: name; policy (a document, or minimal or page: what `new` makes); ours: the ids that lint has beside those of
the nine actions; parliament: its issues; why: the difference, where there is one.
"""
import json
import os
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DOC = os.path.join(TOP, 'docs/policy-lint.md')
ALWAYS = {'policy-action', 'policy-length'}  # in every change that has a policy


def table():
    with open(os.path.join(TOP, 'tests/data/policies.json'), encoding='ascii') as f:
        return json.load(f)


def findings(gen, policy, work):
    """Ids that speak of the policy, and the document as it would be signed."""
    change, form = os.path.join(work, 'c.json'), policy
    if not isinstance(policy, str):
        form = os.path.join(work, 'p.json')
        with open(form, 'w', encoding='ascii') as f:
            json.dump(policy, f)
    base = [gen, '--state', os.path.join(work, 'none'), '-q']
    subprocess.run(base + ['new', '--batch', '--target', 't', '--ticket', 'x', '--reason', 'x', '--repository', 'r', '--bucket',
                           'acme-snap', '--region', 'eu-west-1', '--endpoint', '', '--base-path', 'prod/es', '--iam-user', 'u',
                           '--iam-arn', 'arn:aws:iam::123456789012:user/u', '--policy', form, '-o', change, '-f'],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    out = subprocess.run(base + ['lint', '--json', change], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout
    found = set()
    for one in json.loads(out)['findings']:
        if one['id'] == 'refusal':
            found.add(one['text'].split(':')[0])
        elif one['id'].startswith('policy-') and one['id'] not in ALWAYS:
            found.add(one['id'])
    with open(change, encoding='ascii') as f:
        return sorted(found), json.load(f)['policy']


def issues(parliament, document):
    run = subprocess.run([parliament, '--json'], input=json.dumps(document), text=True, stdout=subprocess.PIPE, check=False)
    return sorted({json.loads(line)['issue'] for line in run.stdout.splitlines()})


HEAD = """# Our lint of policies, and parliament's

`snapseal-gen lint` beside [parliament](https://pypi.org/project/parliament/) 1.6.4, over the policies of
`tests/data/policies.json`: a repository at `prod/es` in the bucket `acme-snap`, region eu-west-1. The test
`cli.policy_lint` runs both and compares them with that table and with this page, which
`tests/cli/policy_lint.py GEN --write` makes of it. Of ours, what every policy has is left out: `policy-action`, the
reason of each of the nine actions, and `policy-length`. Ids in capitals are refusals: such a bundle is not made, and no
appliance takes one.

parliament knows all of IAM and nothing of the change; ours knows which bucket, which path, which actions the
repository needs, and refuses what a user's policy for one bucket has no use for. Both find what is malformed.

| policy | ours | parliament | why they differ |
|---|---|---|---|
"""


def page():
    rows = []
    for e in table():
        rows.append('| %s | %s | %s | %s |\n' % (e['name'], ' '.join('`%s`' % i for i in e['ours']) or '-',
                                             ', '.join(i.lower().replace('_', ' ') for i in e['parliament']) or '-', e['why']))
    return HEAD + ''.join(rows)


def main():
    gen, second = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None
    if second == '--write':
        with open(DOC, 'w', encoding='ascii') as f:
            f.write(page())
        return 0
    bad = 0
    with tempfile.TemporaryDirectory() as work:
        for e in table():
            ours, document = findings(gen, e['policy'], work)
            theirs = issues(second, document) if second else e['parliament']
            for who, got, want in (('ours', ours, e['ours']), ('parliament', theirs, e['parliament'])):
                if got != want:
                    print('%s: %s found %s, the table has %s' % (e['name'], who, got, want), file=sys.stderr)
                    bad += 1
            # nothing is agreed on without a word: one finds something, the other nothing
            if bool(e['ours']) != bool(e['parliament']) and not e['why']:
                print('%s: one finds nothing, and the table does not say why' % e['name'], file=sys.stderr)
                bad += 1
    if len(table()) < 20:
        print('the table has lost its policies', file=sys.stderr)
        bad += 1
    with open(DOC, encoding='ascii') as f:
        if f.read() != page():
            print('docs/policy-lint.md is not what the table makes: tests/cli/policy_lint.py GEN --write', file=sys.stderr)
            bad += 1
    print('%d policies, %s' % (len(table()), 'both linters' if second else 'ours alone'))
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
