//! A process: farm, desk and journal, which can die at any step and start again from what its disk kept.

use crate::disk::Disk;
use farm::journal::{JournalError, Origin, Pen, Recorded, origin, replay_with};
use farm::{Desk, Farm, FromVenue, ToVenue, drive};
use model::{Bar, Price, Time};

/// The process.
#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) farm: Farm,
    pub(crate) desk: Desk,
    pen: Pen<Disk>,
    /// Which of its lives this is.
    pub(crate) life: u64,
}

impl Process {
    /// Its first life.
    pub(crate) fn begin(origin: &Origin) -> Process {
        let farm = origin.farm().expect("the origin of a run makes a farm");
        let desk = Desk::new(origin.recruits.iter().map(|recruit| recruit.account), origin.interval);
        let mut pen = Pen::new(Disk::default(), origin);
        pen.keeper_mut().sync();
        Process { farm, desk, pen, life: 0 }
    }

    /// The next life, from what the disk kept.
    pub(crate) fn rise(bytes: &[u8], life: u64, wall: Time) -> Result<Process, JournalError> {
        let origin = origin(bytes)?;
        let mut desk = Desk::new(origin.recruits.iter().map(|recruit| recruit.account), origin.interval);
        let replayed = replay_with(bytes, |heard| desk.remember(heard))?;
        let kept = usize::try_from(replayed.bytes).expect("a journal in memory");
        let pen = Pen::resume(Disk::holding(bytes[..kept].to_vec()), replayed.frames);
        let mut process = Process { farm: replayed.farm, desk, pen, life };
        process.desk.hear(wall, FromVenue::Linked);
        Ok(process)
    }

    /// The market's opening.
    pub(crate) fn open(&mut self, now: Time, price: Price) {
        self.desk.tick(now, price);
    }

    /// Hears the venue.
    pub(crate) fn hear(&mut self, now: Time, said: FromVenue) {
        self.desk.hear(now, said);
    }

    /// Sees a complete bar.
    pub(crate) fn see(&mut self, now: Time, bar: Bar) {
        self.desk.bar(now, bar);
    }

    /// Whether something is due at this hour.
    pub(crate) fn is_due(&self, now: Time) -> bool {
        let farm = self.farm.next_wake().map(|(at, _)| at);
        [self.desk.next_wake(), farm].into_iter().flatten().any(|at| at <= now)
    }

    /// Thinks about everything heard; what comes of it lies in the journal, unsynced, and in the outbox.
    pub(crate) fn think(&mut self, now: Time) {
        self.desk.wake(now);
        drive(&mut self.farm, &mut Recorded { world: &mut self.desk, pen: &mut self.pen });
    }

    /// Journal, then act: keeps what was written, and only then says what is to be said.
    pub(crate) fn act(&mut self) -> Vec<ToVenue> {
        self.pen.keeper_mut().sync();
        self.desk.take_outbox()
    }

    /// Its disk.
    pub(crate) fn disk(&self) -> &Disk {
        self.pen.keeper()
    }
}
