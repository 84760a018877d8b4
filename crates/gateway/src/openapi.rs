//! The document of the API, made from what it describes: the table of routes, the catalogue's commands, the types of answers.
//!
//! It refuses to be written by hand; the copy in `docs/` is held to it by a test.

use crate::errands::Stage;
use crate::people::Change;
use crate::routes::{Entrance, ROUTES, Route};
use crate::shape::schema_of;
use access::role_word;
use control::catalogue::{Argument, COMMANDS, Kind, Need, Spec};
use serde_json::{Map, Value, json};

/// A command as a list shows it.
pub(crate) fn listed(spec: &Spec) -> Value {
    let argument = |argument: &Argument| {
        json!({
            "name": argument.name,
            "summary": argument.summary,
            "wants": argument.kind.wants(),
            "choices": argument.kind.choices(),
            "required": argument.need == Need::Required,
        })
    };
    json!({
        "name": spec.name,
        "summary": spec.summary,
        "role": role_word(spec.role),
        "rule": spec.rule.name(),
        "example": spec.example,
        "arguments": spec.arguments.iter().map(argument).collect::<Vec<_>>(),
    })
}

/// All of it.
pub(crate) fn document() -> Value {
    let mut paths = Map::new();
    for route in ROUTES {
        if route.path == "/api/v1/commands/{command}" {
            for command in COMMANDS {
                let path = route.path.replace("{command}", command.spec.name);
                paths.insert(path, json!({ "post": command_operation(route, &command.spec) }));
            }
            continue;
        }
        let place = paths.entry(route.path).or_insert_with(|| json!({}));
        place[route.method.to_ascii_lowercase()] = operation(route);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Omega Bot Farm",
            "version": "1",
            "description": "The door of a farm. Money is exact text, times are milliseconds since 1970, UTC. A command that is dangerous is shown first (202) and confirmed then. The same Idempotency-Key acts once.",
        },
        "components": {
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
            "schemas": schemas(),
            "responses": refusals(),
        },
        "paths": paths,
    })
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn object(properties: Value) -> Value {
    let required: Vec<String> = properties.as_object().expect("an object").keys().cloned().collect();
    json!({ "type": "object", "properties": properties, "required": required })
}

fn list_of(item: &Value) -> Value {
    json!({ "type": "array", "items": item })
}

fn schemas() -> Value {
    let text = json!({ "type": "string" });
    let number = json!({ "type": "integer" });
    let maybe = |kind: &str| json!({ "type": [kind, "null"] });
    let stages: Vec<Value> =
        [Stage::Unsent, Stage::Sent, Stage::Done, Stage::Objected].map(|stage| json!(stage)).to_vec();
    let refusal = json!({
        "type": "object",
        "properties": { "error": text, "reason": text, "mend": text },
        "required": ["error", "reason", "mend"],
    });
    json!({
        "Refusal": refusal,
        "Answer": schema_of::<control::catalogue::Answer>(),
        "ShardView": schema_of::<control::ShardView>(),
        "Errand": object(json!({
            "id": text, "shard": text, "state": { "type": "string", "enum": stages }, "given_at": number,
            "acknowledged_at": maybe("integer"), "objection": maybe("string"), "why": maybe("string"),
        })),
        "Pending": object(json!({
            "id": number, "command": text, "scope": text, "effect": text, "asked_by": text,
            "needs": { "type": "string", "enum": ["confirm", "code", "second_person"] },
            "digest": text, "asked_at": number, "expires_at": number,
        })),
        "Seen": object(json!({ "view": reference("ShardView"), "silent_ms": number, "stale": { "type": "boolean" } })),
        "Given": {
            "type": "object",
            "properties": {
                "state": { "type": "string", "enum": ["answered", "waits", "sent", "done", "partly_done", "withdrawn"] },
                "answer": { "anyOf": [reference("Answer"), { "type": "null" }] },
                "pending": reference("Pending"),
                "command": text,
                "errands": list_of(&reference("Errand")),
                "note": text,
            },
            "required": ["state"],
        },
        "Trade": schema_of::<control::record::TradeRecord>(),
        "Session": schema_of::<control::record::SessionRecord>(),
        "Equity": schema_of::<control::record::EquityRecord>(),
        "AuditRow": schema_of::<control::record::AuditRecord>(),
    })
}

/// What a way in answers where all is well.
fn good(route: &Route) -> Value {
    let any = json!({ "type": "object" });
    let rows = ["Trade", "Session", "Equity", "AuditRow"].map(reference);
    match (route.method, route.path) {
        ("POST", "/api/v1/pending/{pending}/confirm") | ("DELETE", "/api/v1/pending/{pending}") => {
            reference("Given")
        }
        (_, "/api/v1/pending") => object(json!({ "pendings": list_of(&reference("Pending")) })),
        (_, "/api/v1/views") => object(json!({ "shards": list_of(&reference("Seen")) })),
        (_, "/api/v1/shards/{shard}") => reference("Seen"),
        (_, "/api/v1/errands/{errand}") => reference("Errand"),
        (_, "/api/v1/history/{kind}") => object(json!({
            "rows": list_of(&json!({ "anyOf": rows })),
            "next": { "type": ["string", "null"] },
        })),
        _ => any,
    }
}

/// Every no, by its status.
const REFUSALS: [(&str, &str); 11] = [
    ("400", "Not what it should be"),
    ("401", "Nobody we know"),
    ("403", "Known, and may not"),
    ("404", "Not here"),
    ("408", "It took too long"),
    ("409", "Not as things are"),
    ("413", "Too long"),
    ("415", "Another kind of body"),
    ("422", "The key was given with something else"),
    ("429", "Too often"),
    ("503", "Something behind it does not answer"),
];

fn refusals() -> Value {
    let one = |(status, words): &(&str, &str)| {
        let content = json!({ "application/json": { "schema": reference("Refusal") } });
        ((*status).to_owned(), json!({ "description": words, "content": content }))
    };
    Value::Object(REFUSALS.iter().map(one).collect())
}

fn answers(route: &Route) -> Value {
    let of = |words: &str, schema: Value| json!({ "description": words, "content": { "application/json": { "schema": schema } } });
    let no = |status: &str| json!({ "$ref": format!("#/components/responses/{status}") });
    let kind = match route.path {
        "/metrics" => {
            json!({ "description": "The page", "content": { "text/plain": { "schema": { "type": "string" } } } })
        }
        "/api/v1/events" => {
            json!({ "description": "The stream", "content": { "text/event-stream": { "schema": { "type": "string" } } } })
        }
        _ => of("It is so", good(route)),
    };
    let mut answers = json!({ "200": kind, "400": no("400"), "404": no("404") });
    if route.path.contains("pending") {
        answers["202"] = of("Sent, or it waits", reference("Given"));
    }
    if route.path == "/ready" {
        answers["503"] = of("Something does not answer", json!({ "type": "object" }));
    }
    if route.entrance != Entrance::Open {
        for (status, _) in REFUSALS.iter().filter(|(status, _)| !matches!(*status, "400" | "404")) {
            answers[*status] = no(status);
        }
    }
    answers
}

fn operation(route: &Route) -> Value {
    let mut parameters: Vec<Value> = route
        .path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": part_schema(name) }))
        .collect();
    let optional = |name: &str, schema: Value| json!({ "name": name, "in": "query", "required": false, "schema": schema });
    let (text, number) = (json!({ "type": "string" }), json!({ "type": "integer", "minimum": 0 }));
    match route.path {
        "/api/v1/history/{kind}" => {
            let texts = ["shard", "bot", "mode", "after"].map(|name| optional(name, text.clone()));
            parameters.extend(texts);
            parameters.extend(["from", "to"].map(|name| optional(name, number.clone())));
            parameters.push(optional("count", json!({ "type": "integer", "minimum": 1, "maximum": 1_000 })));
        }
        "/api/v1/audit" => parameters.extend(["before", "count"].map(|name| optional(name, number.clone()))),
        "/api/v1/events" => parameters
            .push(json!({ "name": "Last-Event-ID", "in": "header", "required": false, "schema": { "type": "string" } })),
        _ => {}
    }
    if route.entrance == Entrance::Admin && route.method != "GET" || route.path == "/api/v1/tokens/{token}" {
        let code = json!({ "name": "X-Omega-Code", "in": "header", "required": false, "schema": { "type": "string" } });
        parameters.push(code);
    }
    let mut operation =
        json!({ "summary": route.summary, "parameters": parameters, "responses": answers(route) });
    if let Some(body) = body(route) {
        operation["requestBody"] =
            json!({ "required": true, "content": { "application/json": { "schema": body } } });
    }
    if route.entrance != Entrance::Open {
        operation["security"] = json!([{ "token": [] }]);
    }
    operation
}

fn part_schema(name: &str) -> Value {
    match name {
        "pending" | "identity" | "token" => json!({ "type": "integer", "minimum": 1 }),
        "kind" => {
            json!({ "type": "string", "enum": control::record::Kind::ALL.map(control::record::Kind::name) })
        }
        "errand" => json!({ "type": "string", "pattern": "^[0-9a-f]{16}$" }),
        _ => json!({ "type": "string", "minLength": 1, "pattern": "^[A-Za-z0-9_.-]+$" }),
    }
}

fn body(route: &Route) -> Option<Value> {
    let text = json!({ "type": "string" });
    let closed = |properties: Value, required: &[&str]| {
        Some(
            json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false }),
        )
    };
    let maybe_text = json!({ "type": ["string", "null"] });
    let maybe_bots = json!({ "type": ["array", "null"], "items": text });
    let role = json!({ "type": "string", "enum": ["viewer", "operator", "admin"] });
    match (route.method, route.path) {
        ("POST", "/api/v1/pending/{pending}/confirm") => closed(json!({ "code": maybe_text }), &[]),
        ("POST", "/api/v1/identities") => closed(
            json!({ "name": text, "role": role, "bots": maybe_bots, "size_max_usdt": maybe_text }),
            &["name", "role"],
        ),
        ("PATCH", _) => {
            // A field that is added to the type and not here is a mistake.
            let Change { role: _, bots: _, size_max_usdt: _ } = Change::default();
            closed(json!({ "role": role, "bots": maybe_bots, "size_max_usdt": maybe_text }), &[])
        }
        ("POST", "/api/v1/identities/{identity}/tokens") => closed(
            json!({ "label": text, "days": { "type": ["integer", "null"], "minimum": 1, "maximum": 36_500 } }),
            &[],
        ),
        _ => None,
    }
}

fn command_operation(route: &Route, spec: &Spec) -> Value {
    let mut properties = Map::new();
    for argument in spec.arguments {
        let mut schema = match argument.kind {
            Kind::Count { max } => json!({ "type": "integer", "minimum": 1, "maximum": max }),
            Kind::Pending => json!({ "type": "integer", "minimum": 1 }),
            kind if !kind.choices().is_empty() => json!({ "type": "string", "enum": kind.choices() }),
            Kind::Text { chars_max } => json!({ "type": "string", "maxLength": chars_max }),
            _ => json!({ "type": "string", "maxLength": control::catalogue::TEXT_CHARS_MAX }),
        };
        schema["description"] = format!("{}: {}", argument.summary, argument.kind.wants()).into();
        properties.insert(argument.name.to_owned(), schema);
    }
    let required: Vec<&str> = spec
        .arguments
        .iter()
        .filter(|argument| argument.need == Need::Required)
        .map(|argument| argument.name)
        .collect();
    let body = json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false });
    let mut answers = answers(route);
    let given = json!({ "application/json": { "schema": reference("Given") } });
    answers["200"] = json!({ "description": "Answered, or done", "content": given });
    answers["202"] = json!({ "description": "It waits for its confirmation, or was sent and not acknowledged yet", "content": given });
    let key = json!({ "name": "Idempotency-Key", "in": "header", "required": false, "schema": { "type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[A-Za-z0-9_.-]+$" } });
    json!({
        "summary": spec.summary,
        "description": format!("Role: {}. Rule: {}. For example: {}", role_word(spec.role), spec.rule.name(), spec.example),
        "parameters": [key],
        "requestBody": { "required": true, "content": { "application/json": { "schema": body } } },
        "responses": answers,
        "security": [{ "token": [] }],
    })
}

/// The text of the copy in `docs/`.
pub fn document_text() -> String {
    serde_json::to_string_pretty(&document()).expect("the document is JSON") + "\n"
}
