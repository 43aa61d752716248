//! Reproducible randomness: a small pseudorandom generator and weighted sampling.
//!
//! Implemented here because the stream of numbers must never change, which no library guarantees: a
//! collection is identified by its seed alone.

/// Purposes of random streams. Each has its own stream, so that a change to one does not affect the
/// others.
pub mod purpose {
    pub const TEXT: u64 = 1;
    pub const COPY: u64 = 2;
    pub const RECORD: u64 = 3;
    pub const PERSON: u64 = 4;
    pub const COMPANION: u64 = 5;
}

/// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
#[derive(Debug, Clone)]
pub struct Chance(u64);

/// The constants are those of the paper's MIX64 variant 13.
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

impl Chance {
    /// The stream for a seed, a purpose and an index. Streams of different purposes are
    /// independent.
    pub fn new(seed: u64, purpose: u64, index: u64) -> Self {
        Chance(mix(mix(mix(seed).wrapping_add(purpose)).wrapping_add(index)))
    }

    /// Next 64-bit number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }

    /// A number in `0..bound`; 0 when `bound` is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next()) * bound as u128) >> 64) as usize
    }

    /// A number in `low..=high`.
    pub fn between(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high.saturating_sub(low) + 1)
    }

    /// True with a probability of `share` per mille.
    pub fn per_mille(&mut self, share: usize) -> bool {
        self.below(1000) < share
    }

    /// Picks one of `items` uniformly.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.below(items.len()))
    }
}

/// Weighted sampling of an index in constant time: Walker's alias method in Vose's form (A Linear
/// Algorithm for Generating Random Numbers with a Given Distribution, 1991).
#[derive(Debug, Clone)]
pub struct Weighted {
    /// For each slot, the probability of keeping it (times 2³²) and its alias.
    slots: Vec<(u32, u32)>,
}

impl Weighted {
    /// Samples index `i` with probability proportional to `weights[i]`.
    pub fn new(weights: &[f64]) -> Self {
        let count = weights.len();
        let total: f64 = weights.iter().sum();
        let mut share: Vec<f64> = weights.iter().map(|w| w * count as f64 / total).collect();
        let mut slots: Vec<(u32, u32)> = (0..count).map(|i| (u32::MAX, i as u32)).collect();
        let (mut small, mut large): (Vec<usize>, Vec<usize>) =
            (0..count).partition(|&i| share[i] < 1.0);
        while let (Some(poor), Some(&rich)) = (small.pop(), large.last()) {
            slots[poor] = ((share[poor] * f64::from(u32::MAX)) as u32, rich as u32);
            share[rich] -= 1.0 - share[poor];
            if share[rich] < 1.0 {
                large.pop();
                small.push(rich);
            }
        }
        Weighted { slots }
    }

    /// Samples from a Zipf–Mandelbrot distribution: rank r (from 0) has weight 1 / (r + 1 +
    /// shift)^exponent.
    pub fn zipf(count: usize, exponent: f64, shift: f64) -> Self {
        let weights: Vec<f64> = (0..count)
            .map(|rank| (rank as f64 + 1.0 + shift).powf(-exponent))
            .collect();
        Weighted::new(&weights)
    }

    /// Draws an index; 0 without weights.
    pub fn draw(&self, chance: &mut Chance) -> usize {
        let slot = chance.below(self.slots.len());
        match self.slots.get(slot) {
            Some(&(own, _)) if (chance.next() >> 32) as u32 <= own => slot,
            Some(&(_, other)) => other as usize,
            None => 0,
        }
    }
}

/// Items with the distribution they are drawn from.
pub struct Drawn<T> {
    /// The items.
    pub items: Vec<T>,
    /// Distribution over the indexes of `items`.
    pub law: Weighted,
}

impl<T> Drawn<T> {
    /// Draws items with a Zipf–Mandelbrot distribution, the first most often; see
    /// [`Weighted::zipf`].
    pub fn zipf(items: Vec<T>, exponent: f64, shift: f64) -> Self {
        let law = Weighted::zipf(items.len(), exponent, shift);
        Drawn { items, law }
    }

    /// Draws items with the given weights.
    pub fn weighted(items: Vec<(T, f64)>) -> Self {
        let (items, weights): (Vec<T>, Vec<f64>) = items.into_iter().unzip();
        let law = Weighted::new(&weights);
        Drawn { items, law }
    }

    /// Draws the index of an item.
    pub fn index(&self, chance: &mut Chance) -> usize {
        self.law.draw(chance)
    }
}

impl<T: AsRef<str>> Drawn<T> {
    /// Draws a word; empty if there are no items.
    pub fn draw(&self, chance: &mut Chance) -> &str {
        self.at(self.index(chance))
    }

    /// The word at an index.
    pub fn at(&self, index: usize) -> &str {
        self.items.get(index).map_or("", AsRef::as_ref)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sampling_follows_weights() {
        let weights = [5.0, 0.0, 1.0, 4.0];
        let weighted = Weighted::new(&weights);
        let mut chance = Chance::new(1, 2, 3);
        let mut seen = [0f64; 4];
        for _ in 0..100_000 {
            seen[weighted.draw(&mut chance)] += 1.0;
        }
        for (seen, weight) in seen.iter().zip(weights) {
            assert!(
                (seen / 10_000.0 - weight).abs() < 0.1,
                "{seen} for {weight}"
            );
        }
    }

    #[test]
    fn streams_are_reproducible() {
        let numbers = |seed| {
            let mut chance = Chance::new(seed, 0, 0);
            [chance.next(), chance.next()]
        };
        assert_eq!(numbers(7), numbers(7));
        assert_ne!(numbers(7), numbers(8));
    }
}
