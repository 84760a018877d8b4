//! Tables of any columns: what is written is what can be read, in text and in Parquet.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that fails should stop and say so")]

use data::{DataError, Field, Holds, Rows, TableFormat, Value, write_table};
use std::path::PathBuf;

const FIELDS: [Field; 7] = [
    Field { name: "at", holds: Holds::Time, optional: false },
    Field { name: "bot", holds: Holds::Text, optional: false },
    Field { name: "why", holds: Holds::Text, optional: true },
    Field { name: "net", holds: Holds::Decimal(6), optional: false },
    Field { name: "count", holds: Holds::Whole, optional: true },
    Field { name: "mood", holds: Holds::Real, optional: true },
    Field { name: "mistake", holds: Holds::Truth, optional: false },
];

fn place(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("omega-tables-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder.join(name)
}

fn rows(count: i64) -> Rows {
    let text = |text: &str| Value::Text(text.to_owned());
    let row = |n: i64| {
        vec![
            Value::Whole(1_769_903_999_999 + n),
            text(["newbie", "scalper"][(n % 2) as usize]),
            if n % 3 == 0 { Value::Nothing } else { text("it \"crossed\", über\n1 %") },
            Value::Whole(if n == 0 { -999_999_999_999_999_999 } else { n * 1_000_003 }),
            if n % 2 == 0 { Value::Nothing } else { Value::Whole(-n) },
            if n % 5 == 0 { Value::Nothing } else { Value::Real(0.1 + 0.2 * n as f64) },
            Value::Truth(n % 4 == 0),
        ]
    };
    (0..count).map(row).collect()
}

fn write(name: &str, format: TableFormat, rows: &Rows) -> Result<u64, DataError> {
    let mut pages = rows.chunks(7).map(<[Vec<Value>]>::to_vec);
    write_table(&place(name), format, &FIELDS, || Ok::<_, DataError>(pages.next()))
}

#[test]
fn text_is_exact_and_quoted_where_it_must_be() {
    assert_eq!(write("t.csv", TableFormat::Csv, &rows(2)).unwrap(), 2);
    let said = std::fs::read_to_string(place("t.csv")).unwrap();
    assert_eq!(
        said,
        "at,bot,why,net,count,mood,mistake\n\
         1769903999999,newbie,,-999999999999.999999,,,true\n\
         1769904000000,scalper,\"it \"\"crossed\"\", über\n1 %\",1.000003,-1,0.30000000000000004,false\n"
    );
    assert_eq!(write("empty.csv", TableFormat::Csv, &rows(0)).unwrap(), 0);
    assert_eq!(std::fs::read_to_string(place("empty.csv")).unwrap().lines().count(), 1);
}

#[test]
fn rows_that_cannot_be_read_leave_no_file() {
    let file = place("never.csv");
    let mut asked = 0;
    let failed = write_table(&file, TableFormat::Csv, &FIELDS, || {
        asked += 1;
        if asked < 3 { Ok(Some(rows(5))) } else { Err(DataError::Empty { file: "somewhere".into() }) }
    });
    assert!(matches!(failed, Err(DataError::Empty { .. })), "{failed:?}");
    assert!(!file.exists() && asked == 3);
}

#[cfg(feature = "parquet")]
#[test]
fn parquet_gives_back_every_value() {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Field as Found;
    // More than one group.
    let rows = rows(150_000);
    assert_eq!(write("t.parquet", TableFormat::Parquet, &rows).unwrap(), 150_000);
    let reader = SerializedFileReader::new(std::fs::File::open(place("t.parquet")).unwrap()).unwrap();
    assert!(reader.num_row_groups() > 1);
    let mut count = 0;
    for (found, wanted) in reader.get_row_iter(None).unwrap().zip(&rows) {
        let found = found.unwrap();
        let found: Vec<Value> = found
            .get_column_iter()
            .map(|(_, field)| match field {
                Found::Null => Value::Nothing,
                Found::Str(text) => Value::Text(text.clone()),
                Found::Long(number) | Found::TimestampMillis(number) => Value::Whole(*number),
                Found::Decimal(decimal) => {
                    assert_eq!((decimal.precision(), decimal.scale()), (18, 6));
                    Value::Whole(i64::from_be_bytes(decimal.data().try_into().unwrap()))
                }
                Found::Double(real) => Value::Real(*real),
                Found::Bool(truth) => Value::Truth(*truth),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(&found, wanted);
        count += 1;
    }
    assert_eq!(count, rows.len());
    assert_eq!(write("empty.parquet", TableFormat::Parquet, &Vec::new()).unwrap(), 0);
    let reader = SerializedFileReader::new(std::fs::File::open(place("empty.parquet")).unwrap()).unwrap();
    assert_eq!(
        (reader.num_row_groups(), reader.metadata().file_metadata().schema_descr().num_columns()),
        (0, 7)
    );
}

#[cfg(feature = "parquet")]
#[test]
fn what_no_decimal_holds_is_refused_and_not_cut() {
    let mut wide = rows(3);
    wide[1][3] = Value::Whole(10_i64.pow(18));
    let refused = write("wide.parquet", TableFormat::Parquet, &wide).unwrap_err();
    assert!(refused.to_string().contains("net has a number of more than 18 digits"), "{refused}");
    assert!(!place("wide.parquet").exists());
    assert_eq!(write("wide.csv", TableFormat::Csv, &wide).unwrap(), 3);
}
