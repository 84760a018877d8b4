//! Several of one kind. It refuses the same one twice and more than its maximum.

use super::{Kind, Says, Scalar, Shape, Wrong};

/// At most so many of a kind, each once.
#[derive(Clone, Copy, Debug)]
pub struct ListOf<K> {
    /// What each is.
    pub kind: K,
    /// How many there may be.
    pub most: usize,
}

impl<K: Kind<Value: PartialEq>> Kind for ListOf<K> {
    type Value = Vec<K::Value>;

    fn says(&self) -> Says {
        let each = self.kind.says();
        let takes = format!("a list of at most {}, each {}", self.most, each.takes);
        Says { shape: Shape::List, takes, ..each }
    }

    fn read(&self, value: &Scalar<'_>) -> Result<Vec<K::Value>, Wrong> {
        let Scalar::List(items) = value else { return Err(Wrong::sort(value, &self.says())) };
        if items.len() > self.most {
            let problem = format!("has {} entries, at most {} are taken", items.len(), self.most);
            return Err(Wrong::new(problem, "leave some out"));
        }
        let mut read = Vec::with_capacity(items.len());
        for (at, item) in items.iter().enumerate() {
            let of_item = |wrong: Wrong| Wrong { problem: format!("[{at}] {}", wrong.problem), ..wrong };
            let one = self.kind.read(item).map_err(of_item)?;
            if read.contains(&one) {
                return Err(Wrong::new(format!("has {} twice", item.shown()), "leave one of them out"));
            }
            read.push(one);
        }
        Ok(read)
    }

    fn write(&self, value: &Vec<K::Value>) -> String {
        let items: Vec<String> = value.iter().map(|item| self.kind.write(item)).collect();
        format!("[{}]", items.join(", "))
    }
}
