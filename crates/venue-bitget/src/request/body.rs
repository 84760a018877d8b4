//! The JSON body of a request: keys in the order they are put, every value a text, lists of objects.
//!
//! Bitget wants even numbers as texts, and signs the exact bytes, so a body is written once and sent as it is. Refuses
//! to hold anything but texts and lists of bodies.

/// An object being written.
#[derive(Clone, Debug, Default)]
pub struct Body {
    text: String,
}

impl Body {
    /// An empty object.
    pub fn new() -> Body {
        Body::default()
    }

    /// With this value.
    pub fn with(mut self, key: &str, value: &str) -> Body {
        let value = serde_json::to_string(value).expect("a text is always JSON");
        self.put(key, &value);
        self
    }

    /// With this value, if there is one.
    pub fn with_some(self, key: &str, value: Option<&str>) -> Body {
        match value {
            Some(value) => self.with(key, value),
            None => self,
        }
    }

    /// With a list of objects.
    pub fn with_list(mut self, key: &str, bodies: Vec<Body>) -> Body {
        let list = list(bodies);
        self.put(key, &list);
        self
    }

    /// With everything of another body behind.
    pub fn then(mut self, rest: Body) -> Body {
        if !self.text.is_empty() && !rest.text.is_empty() {
            self.text.push(',');
        }
        self.text.push_str(&rest.text);
        self
    }

    /// The bytes to send.
    pub fn finish(self) -> String {
        format!("{{{}}}", self.text)
    }

    fn put(&mut self, key: &str, json: &str) {
        if !self.text.is_empty() {
            self.text.push(',');
        }
        self.text.push('"');
        self.text.push_str(key);
        self.text.push_str("\":");
        self.text.push_str(json);
    }
}

/// A bare list of objects.
pub fn list(bodies: Vec<Body>) -> String {
    let objects: Vec<String> = bodies.into_iter().map(Body::finish).collect();
    format!("[{}]", objects.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_json_with_texts_only() {
        let inner = Body::new().with("orderId", "1");
        let body = Body::new()
            .with("a", "q\"uote")
            .with_some("b", None)
            .with_some("c", Some("牛"))
            .with_list("l", vec![inner]);
        assert_eq!(body.finish(), r#"{"a":"q\"uote","c":"牛","l":[{"orderId":"1"}]}"#);
        assert_eq!(list(Vec::new()), "[]");
        assert_eq!(Body::new().finish(), "{}");
    }
}
