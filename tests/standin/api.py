# SPDX-License-Identifier: Apache-2.0
"""The operations, after connexion has checked the request against the description."""
import base64
import hmac

import connexion
import flask
from connexion.exceptions import ProblemException
from werkzeug.exceptions import default_exceptions

import describe
from deployment import Refused
from faults import DEED
from front import ROOT

config = deployment = None


def application(kind, conf, the_deployment):
    """The WSGI application of one deployment."""
    global config, deployment
    config, deployment = conf, the_deployment
    app = connexion.FlaskApp(__name__, options={"swagger_ui": False, "serve_spec": False})
    app.add_error_handler(ProblemException, problem)
    for status in default_exceptions: # connexion has a handler of its own for each
        app.add_error_handler(status, problem)
    app.add_error_handler(Refused, refused)
    app.add_api(describe.to_enforce(kind), resolver=connexion.Resolver(operation), strict_validation=True, validate_responses=True)
    return app.app


def operation(operation_id):
    """Operation ids have dashes; security functions come by the names of describe.py."""
    return globals()[operation_id.rsplit(".", 1)[-1].replace("-", "_")]


# ---- who calls ----

def check_key(value, required_scopes=None):
    """The header's whole value: "ApiKey" and the key as issued."""
    scheme, _, key = value.partition(" ")
    if scheme.lower() != "apikey" or not hmac.compare_digest(key.encode(), config["api_key"].encode()):
        return None
    return {"sub": "api-key"}


def check_password(user, password, required_scopes=None):
    good = hmac.compare_digest(user.encode(), config["user_name"].encode())
    return {"sub": user} if hmac.compare_digest(password.encode(), config["password"].encode()) and good else None


# ---- refusals, all in the API's one shape ----

def failed(status, code, message):
    answer = flask.jsonify({"errors": [{"code": code, "message": message}]})
    answer.status_code = status
    answer.headers["x-cloud-error-codes"] = code
    return answer


def refused(e):
    return failed(e.status, e.code, e.message)


def problem(e):
    """What connexion, Flask or Werkzeug refuse. Validation texts may quote what was sent: they are not passed on."""
    status = getattr(e, "status", None) or getattr(e, "code", None) or 500
    if status == 401:
        return failed(401, "root.unauthenticated", "The supplied authentication is invalid")
    if status == 403:
        return failed(401, "root.unauthenticated", "The supplied authentication is invalid")
    if status in (400, 415):
        detail = str(getattr(e, "detail", "") or getattr(e, "description", ""))
        where = detail.rsplit(" - ", 1)[-1] if " - " in detail else detail if "query parameter" in detail else ""
        return failed(status, "root.invalid_json_request", "The request does not comply with the API" + (f": {where}" if where else ""))
    code = {404: "root.resource_not_found", 405: "root.method_not_allowed"}.get(status, "root.internal_server_error")
    return failed(status, code, getattr(e, "title", None) or getattr(e, "name", "failed"))


def find(deployment_id, ref_id=None, kind="elasticsearch"):
    if deployment_id != config["deployment_id"]:
        raise Refused(404, "deployments.deployment_not_found", f"No deployment with id [{deployment_id}] could be found")
    if ref_id is not None and (kind != "elasticsearch" or ref_id not in (config["ref_id"], "_main")):
        raise Refused(404, "deployments.deployment_resource_not_found", f"No {kind} resource [{ref_id}] in this deployment")


# ---- deployments ----

def list_deployments():
    resource = {"id": config["resource_id"], "kind": "elasticsearch", "ref_id": config["ref_id"], "region": config["region"],
                "cloud_id": cloud_id()}
    return {"deployments": [{"id": config["deployment_id"], "name": config["name"], "resources": [resource]}]}


def cloud_id():
    address = config["cluster_url"].split("//", 1)[1]
    return config["name"] + ":" + base64.b64encode(f"{address}${config['resource_id']}$".encode()).decode()


def get_deployment(deployment_id, show_plans=True, show_plan_logs=False, show_plan_history=False, **_):
    find(deployment_id)
    info = resource_info(show_plans, show_plan_logs, show_plan_history)
    nothing = {kind: [] for kind in ("apm", "appsearch", "enterprise_search", "integrations_server", "kibana")}
    resource = {"id": config["resource_id"], "ref_id": config["ref_id"], "region": config["region"], "info": info}
    return {"id": config["deployment_id"], "name": config["name"], "alias": config["name"], "healthy": info["healthy"],
            "resources": {**nothing, "elasticsearch": [resource]}}


def resource_info(show_plans, show_plan_logs, show_plan_history):
    state, seen = deployment.snapshot(), deployment.nodes.health()
    names, master = deployment.nodes.names, seen["master"]
    healthy = seen["status"] in ("green", "yellow") and len(seen["nodes"]) == len(names)
    plans = {"healthy": state["history"][-1]["error"] is None, "history": []}
    if show_plan_history:
        plans["history"] = [{**plan_info(p, show_plan_logs), "plan_attempt_name": p["name"]} for p in state["history"]]
    for which in ("current", "pending") if show_plans else ():
        if state[which]:
            plans[which] = plan_info(state[which], show_plan_logs)
    shards = [{"instance_name": n, "shard_count": s["shards"]} for n, s in sorted(seen["nodes"].items())]
    instances = [{"instance_name": n, "healthy": n in seen["nodes"], "container_started": not state["stopped"],
                  "service_running": n in seen["nodes"], "maintenance_mode": False, "zone": f"{config['region']}{chr(96 + i)}",
                  "service_version": seen["nodes"].get(n, {}).get("version", "")} for i, n in enumerate(names, 1)]
    masters = [{"master_node_id": master[0], "master_instance_name": master[1], "instances": sorted(seen["nodes"])}] if master else []
    host, port = config["cluster_url"].split("//", 1)[1].rsplit(":", 1)
    return {
        "cluster_id": config["resource_id"], "cluster_name": config["name"], "deployment_id": config["deployment_id"],
        "region": config["region"], "healthy": healthy and plans["healthy"], "status": status_of(state),
        "associated_apm_clusters": [], "associated_appsearch_clusters": [], "associated_enterprise_search_clusters": [],
        "associated_kibana_clusters": [], "external_links": [],
        "elasticsearch": {
            "healthy": healthy, "blocking_issues": {"healthy": True, "cluster_level": [], "index_level": []},
            "master_info": {"healthy": bool(master), "masters": masters,
                            "instances_with_no_master": [n for n in names if n not in seen["nodes"]]},
            "shard_info": {"healthy": healthy, "available_shards": shards, "unavailable_replicas": [], "unavailable_shards": []}},
        "metadata": {"version": state["version"], "last_modified": state["modified"], "cloud_id": cloud_id(), "endpoint": host,
                     "service_url": config["cluster_url"], "aliased_url": config["cluster_url"],
                     "ports": {"http": 0, "https": int(port), "transport_passthrough": 0}},
        "plan_info": plans,
        "snapshots": {"count": 0, "healthy": True, "recent_success": False},
        "topology": {"healthy": healthy, "instances": instances}}


def status_of(state):
    if state["pending"]:
        return "restarting" if not state["stopped"] else "rebooting"
    return "stopped" if state["stopped"] else "started"


def plan_info(plan, logs):
    info = {"plan_attempt_id": plan["id"], "attempt_start_time": plan["start"], "healthy": plan["error"] is None,
            "warnings": plan["warnings"], "plan_attempt_log": plan["steps"] if logs else [],
            "plan": {"cluster_topology": [{"id": "hot_content", "zone_count": len(deployment.nodes.names)}], "elasticsearch": {}}}
    if plan["end"]:
        info["attempt_end_time"] = plan["end"]
    if plan["error"]:
        info["error"] = plan["error"]
    return info


# ---- the keystore ----

def get_deployment_es_resource_keystore(deployment_id, ref_id):
    find(deployment_id, ref_id)
    return deployment.keystore()


def set_deployment_es_resource_keystore(deployment_id, ref_id, body):
    find(deployment_id, ref_id)
    for name, secret in body["secrets"].items():
        value = secret.get("value")
        if not (value is None or isinstance(value, (str, dict))):
            raise Refused(400, "root.invalid_json_request", f"secrets.{name}.value: a string or an object")
        # what no keystore can hold the platform does not take
        if not name or not all(c.isascii() and (c.isalnum() or c in "_-.") for c in name):
            raise Refused(400, "root.invalid_json_request", "secrets: no such name is possible in a keystore")
    return deployment.change_keystore(body["secrets"])


# ---- plans ----

def restart_deployment_es_resource(deployment_id, ref_id, cancel_pending=False, group_attribute="__zone__", skip_snapshot=True,
                                   restore_snapshot=True, shard_init_wait_time=600):
    find(deployment_id, ref_id)
    deployment.restart(group_attribute, cancel_pending, skip_snapshot, shard_init_wait_time)
    return {"warnings": []}, 202


def cancel_deployment_resource_pending_plan(deployment_id, resource_kind, ref_id, force_delete=False, ignore_missing=False):
    find(deployment_id)
    if resource_kind != "elasticsearch" or ref_id not in (config["ref_id"], "_main"):
        raise Refused(500, "deployments.deployment_resource_no_longer_exists", "There is no such resource")
    if not (deployment.faults.take("cancel", DEED) or deployment.cancel() or ignore_missing):
        raise Refused(400, "deployments.resource_does_not_have_a_pending_plan", "There is no pending plan")
    return {"id": config["deployment_id"], "kind": resource_kind, "ref_id": config["ref_id"]}


# ---- ECE: to the cluster, through the platform ----

def proxy(deployment_id, resource_kind, ref_id, proxy_path):
    find(deployment_id, ref_id, resource_kind)
    if flask.request.headers["X-Management-Request"] != "true":
        raise Refused(400, "root.invalid_request", "X-Management-Request: true")
    # the query is not in the description but part of "the URL part to proxy": front.py has put it aside
    query = flask.request.environ.get("standin.query", "")
    answer = deployment.nodes.ask_front(flask.request.method, "/" + proxy_path.removeprefix(ROOT) + (f"?{query}" if query else ""),
                                        flask.request.get_data() or None, flask.request.content_type)
    if answer is None:
        raise Refused(404, "clusters.cluster_not_found", "The cluster does not answer")
    return flask.Response(answer[2], status=answer[0], content_type=answer[1])


get_deployment_resource_proxy_requests = post_deployment_resource_proxy_requests = proxy
put_deployment_resource_proxy_requests = delete_deployment_resource_proxy_requests = proxy
