"""Two descriptions of an API in one form, so that they can be compared.

FastAPI writes OpenAPI 3.1 and pydantic its own dialect of JSON Schema.
"""

from typing import Any

# What says nothing about the wire.
_ASIDE = {"title", "default", "description", "example", "discriminator"}


def plain_schema(schema: Any) -> Any:
    """The schema without titles, defaults, prose and null, in the contract's way of writing."""
    if not isinstance(schema, dict):
        # In JSON Schema, true and {} are the same.
        return {} if schema is True else schema
    if len(schema.get("allOf", [])) == 1:
        return plain_schema(schema["allOf"][0])
    if "allOf" in schema:
        return {"allOf": [plain_schema(each) for each in schema["allOf"]]}
    if "anyOf" in schema:
        (only,) = (each for each in schema["anyOf"] if each != {"type": "null"})
        # What stands beside anyOf belongs to the one type in it.
        return plain_schema(only | {k: v for k, v in schema.items() if k != "anyOf"})
    found = {}
    for name, value in schema.items():
        if name == "properties" and value:
            found[name] = {field: plain_schema(each) for field, each in value.items()}
        elif name in ("items", "additionalProperties"):
            found[name] = plain_schema(value)
        elif name == "const":
            found["enum"] = [value]
        elif name in ("enum", "required"):
            found[name] = sorted(value)
        elif name != "properties" and name not in _ASIDE and not name.startswith("x-"):
            found[name] = value
    return found


def resolved(document: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    """What the node refers to, or the node itself."""
    if "$ref" not in node:
        return node
    found: Any = document
    for name in node["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return found


def plain_content(document: dict[str, Any], container: dict[str, Any]) -> dict[str, Any]:
    found = {}
    for kind, shape in resolved(document, container).get("content", {}).items():
        schema = shape.get("schema")
        # FastAPI has no name for what is no object.
        target = resolved(document, schema) if schema else {}
        found[kind] = plain_schema(target if target.get("type") == "array" else schema)
    return found


def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Each operation's facts, by its id."""
    found = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method == "servers":
                continue
            body = resolved(document, operation.get("requestBody") or {})
            parameters = [resolved(document, each) for each in operation["parameters"]]
            found[operation["operationId"]] = {
                "call": f"{method.upper()} {path}",
                "tags": operation.get("tags"),
                "parameters": {
                    (each["in"], each["name"]): (each["required"], plain_schema(each["schema"]))
                    for each in parameters
                },
                "body": body and (body.get("required", False), plain_content(document, body)),
                "responses": {
                    code: plain_content(document, each)
                    for code, each in operation["responses"].items()
                },
            }
    return found


def schemas(document: dict[str, Any]) -> dict[str, Any]:
    """Each shape by its name, with what it shares with others in it."""
    found = {}
    for name, schema in document["components"]["schemas"].items():
        whole = plain_schema(schema)
        for part in whole.pop("allOf", ()):
            shared = plain_schema(resolved(document, part))
            whole["type"] = shared["type"]
            whole["properties"] = whole.get("properties", {}) | shared["properties"]
        found[name] = whole
    return found


def prose(node: Any) -> list[str]:
    """Every sentence of the description."""
    if isinstance(node, list):
        return [text for each in node for text in prose(each)]
    if not isinstance(node, dict):
        return []
    own = [v for k, v in node.items() if k in ("description", "summary") and isinstance(v, str)]
    return own + [text for each in node.values() for text in prose(each)]
