//! Time, four prices and perhaps a volume, read from any source: columns on two threads, then put in order.
//!
//! It refuses rows out of order, unless it was asked to sort them.

use crate::column::Misfit;
use crate::error::DataError;
use crate::layout::{Layout, Role};
use crate::limits::PRICE_DECIMALS_MAX;
use crate::scale::Ticks;
use crate::source::{Source, blame, few_enough_rows};
use crate::{Repair, TimeUnit};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

const PRICES: [Role; 4] = [Role::Open, Role::High, Role::Low, Role::Close];

/// Columns of one length.
#[derive(Debug)]
pub(crate) struct Series {
    /// First instants in milliseconds.
    pub time: Vec<i64>,
    /// How the file wrote them.
    pub unit: TimeUnit,
    /// Open, high, low, close in steps of `10^-decimals`.
    pub prices: [Vec<i64>; 4],
    /// Traded quantities; empty where none were asked for.
    pub volume: Vec<f64>,
    /// Digits after the point of one step.
    pub decimals: u8,
    /// The fewest decimals that the prices can be written with.
    pub decimals_needed: u8,
    /// Row of the file for each row, where rows were moved.
    pub origin: Option<Vec<u32>>,
    /// Rows that stood after a later one.
    pub rows_moved: usize,
    /// Repeats that were dropped.
    pub duplicates_dropped: usize,
}

enum Converted {
    Times(Vec<i64>, TimeUnit),
    Price(Ticks, u8),
    Volume(Vec<f64>),
}

/// Reads the roles of `wanted`: the dearest columns first, so that two threads end together.
pub(crate) fn read(
    file: &Path,
    source: &dyn Source,
    wanted: &[Role],
    start: u8,
) -> Result<Series, DataError> {
    assert!(start <= PRICE_DECIMALS_MAX, "an instrument's tick has at most {PRICE_DECIMALS_MAX} decimals");
    few_enough_rows(file, source.rows() as u64)?;
    if source.rows() == 0 {
        return Err(DataError::Empty { file: file.into() });
    }
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(Role, Result<Converted, DataError>)>> = Mutex::new(Vec::new());
    let work = || {
        while let Some(&role) =
            wanted.len().checked_sub(1 + next.fetch_add(1, Ordering::Relaxed)).map(|i| &wanted[i])
        {
            let result = source.take(role).and_then(|column| {
                let misfit = |misfit: Misfit| blame(file, source.layout(), role, misfit);
                match role {
                    Role::Time => column.into_times().map(|(time, unit)| Converted::Times(time, unit)),
                    Role::Volume => column.into_volumes().map(Converted::Volume),
                    _ => column.into_ticks(start, PRICE_DECIMALS_MAX).map(|ticks| {
                        let needed = ticks.decimals_needed();
                        Converted::Price(ticks, needed)
                    }),
                }
                .map_err(misfit)
            });
            done.lock().expect("no holder of this lock panics").push((role, result));
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(work);
        work();
    });
    let mut columns = done.into_inner().expect("no holder of this lock panics");
    // Whichever thread was faster, the error that is told is that of the first column.
    columns.sort_by_key(|(role, _)| *role);
    assemble(file, source.layout(), columns)
}

fn assemble(
    file: &Path,
    layout: &Layout,
    columns: Vec<(Role, Result<Converted, DataError>)>,
) -> Result<Series, DataError> {
    let (mut time, mut unit, mut volume, mut ticks) =
        (Vec::new(), TimeUnit::Milliseconds, Vec::new(), Vec::new());
    let mut decimals_needed = 0;
    for (_, column) in columns {
        match column? {
            Converted::Times(times, of) => (time, unit) = (times, of),
            Converted::Volume(volumes) => volume = volumes,
            Converted::Price(column, needed) => {
                decimals_needed = needed.max(decimals_needed);
                ticks.push(column);
            }
        }
    }
    let mut ticks: [Ticks; 4] = ticks.try_into().expect("four prices were asked for");
    let decimals = ticks.iter().map(|column| column.decimals).max().expect("there are four");
    for (column, role) in ticks.iter_mut().zip(PRICES) {
        column.raise(decimals).map_err(|misfit| blame(file, layout, role, misfit))?;
    }
    let prices = ticks.map(|column| column.values);
    let rows = time.len();
    assert!(prices.iter().all(|column| column.len() == rows), "columns of one table have one length");
    assert!(volume.is_empty() || volume.len() == rows, "columns of one table have one length");
    let (origin, rows_moved, duplicates_dropped) = (None, 0, 0);
    Ok(Series {
        time,
        unit,
        prices,
        volume,
        decimals,
        decimals_needed,
        origin,
        rows_moved,
        duplicates_dropped,
    })
}

impl Series {
    /// Number of rows.
    pub(crate) fn len(&self) -> usize {
        self.time.len()
    }

    /// The row of the file, from 1, that holds what is now at `index`.
    pub(crate) fn row(&self, index: usize) -> usize {
        1 + self.origin.as_ref().map_or(index, |origin| origin[index] as usize)
    }

    /// Makes the times strictly ascending, or says why they are not.
    pub(crate) fn put_in_order(&mut self, file: &Path, repair: Repair) -> Result<(), DataError> {
        if self.time.is_sorted_by(|a, b| a < b) {
            return Ok(());
        }
        if repair == Repair::Sort {
            return self.sort(file);
        }
        let after =
            1 + self.time.windows(2).position(|pair| pair[0] >= pair[1]).expect("a pair is out of order");
        Err(crate::validate::out_of_order(file, after + 1, self.time[after - 1], self.time[after]))
    }

    fn sort(&mut self, file: &Path) -> Result<(), DataError> {
        self.rows_moved = self.time.windows(2).filter(|pair| pair[0] > pair[1]).count();
        let rows = u32::try_from(self.len()).expect("ROWS_MAX fits 32 bits");
        let mut order: Vec<u32> = (0..rows).collect();
        order.sort_by_key(|&row| (self.time[row as usize], row));
        order.dedup_by(|later, earlier| self.same_row(*later as usize, *earlier as usize));
        self.duplicates_dropped = self.len() - order.len();
        self.time = order.iter().map(|&row| self.time[row as usize]).collect();
        for column in &mut self.prices {
            *column = order.iter().map(|&row| column[row as usize]).collect();
        }
        if !self.volume.is_empty() {
            self.volume = order.iter().map(|&row| self.volume[row as usize]).collect();
        }
        self.origin = Some(order);
        match self.time.windows(2).position(|pair| pair[0] == pair[1]) {
            Some(at) => {
                let (row, time) = (self.row(at + 1), model::Time(self.time[at]));
                Err(DataError::Conflict { file: file.into(), row, time })
            }
            None => Ok(()),
        }
    }

    fn same_row(&self, a: usize, b: usize) -> bool {
        let volume = |row: usize| self.volume.get(row).map(|volume| volume.to_bits());
        self.time[a] == self.time[b]
            && self.prices.iter().all(|column| column[a] == column[b])
            && volume(a) == volume(b)
    }
}
