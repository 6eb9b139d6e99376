//! Reproducible chance: SplitMix64, the same numbers on every machine.

/// A stream of numbers that its seed decides.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `sides`.
    pub(crate) fn below(&mut self, sides: usize) -> usize {
        (self.next() >> 33) as usize % sides
    }

    /// True `percent` times in a hundred.
    pub(crate) fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// `wanted` of `all`, or all there are, in their order.
    pub(crate) fn some<'a, T>(&mut self, all: &'a [T], wanted: usize) -> Vec<&'a T> {
        let mut chosen = Vec::with_capacity(wanted.min(all.len()));
        for (index, item) in all.iter().enumerate() {
            let missing = wanted - chosen.len();
            if missing == 0 {
                break;
            }
            if self.below(all.len() - index) < missing {
                chosen.push(item);
            }
        }
        chosen
    }
}
