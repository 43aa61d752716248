//! A cache bounded in bytes. It keeps what was used since the generation before the last one was
//! full, without a list of uses.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Values by key, of at most twice `max_bytes`.
#[derive(Debug)]
pub struct Cache<K, V> {
    max_bytes: usize,
    generations: Mutex<Generations<K, V>>,
}

#[derive(Debug)]
struct Generations<K, V> {
    young: HashMap<K, Entry<V>>,
    young_bytes: usize,
    old: HashMap<K, Entry<V>>,
}

#[derive(Debug)]
struct Entry<V> {
    value: V,
    bytes: usize,
}

impl<K: Eq + Hash, V: Clone> Cache<K, V> {
    /// An empty cache with at most `max_bytes` in each of its two generations.
    pub fn new(max_bytes: usize) -> Cache<K, V> {
        Cache {
            max_bytes,
            generations: Mutex::new(Generations {
                young: HashMap::new(),
                young_bytes: 0,
                old: HashMap::new(),
            }),
        }
    }

    /// The value of `key`.
    pub fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let mut generations = self.lock();
        if let Some(entry) = generations.young.get(key) {
            return Some(entry.value.clone());
        }
        let (key, entry) = generations.old.remove_entry(key)?;
        let value = entry.value.clone();
        generations.insert(key, entry, self.max_bytes);
        Some(value)
    }

    /// Keeps `value`, which takes about `bytes` with its key. A value larger than the cache is not
    /// kept.
    pub fn insert(&self, key: K, value: V, bytes: usize) {
        if bytes <= self.max_bytes {
            let entry = Entry { value, bytes };
            self.lock().insert(key, entry, self.max_bytes);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Generations<K, V>> {
        self.generations
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash, V> Generations<K, V> {
    fn insert(&mut self, key: K, entry: Entry<V>, max_bytes: usize) {
        if self.young_bytes + entry.bytes > max_bytes {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        self.young_bytes += entry.bytes;
        if let Some(replaced) = self.young.insert(key, entry) {
            self.young_bytes -= replaced.bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn bytes_are_bounded_and_the_last_values_stay(
            all in prop::collection::vec((0..40u8, 1..50usize), 1..200),
        ) {
            let cache: Cache<u8, usize> = Cache::new(100);
            for (n, &(key, bytes)) in all.iter().enumerate() {
                cache.insert(key, n, bytes);
                prop_assert_eq!(cache.get(&key), Some(n));
                let generations = cache.lock();
                let sum = |map: &HashMap<u8, Entry<usize>>| -> usize {
                    map.values().map(|entry| entry.bytes).sum()
                };
                prop_assert_eq!(sum(&generations.young), generations.young_bytes);
                prop_assert!(generations.young_bytes <= 100);
                prop_assert!(sum(&generations.old) <= 100);
            }
        }
    }

    #[test]
    fn used_values_stay() {
        let cache: Cache<u32, ()> = Cache::new(10);
        for n in 0..100 {
            cache.insert(n, (), 1);
            assert!(cache.get(&0).is_some(), "{n}");
        }
        assert!(cache.get(&1).is_none());
        cache.insert(100, (), 11);
        assert!(cache.get(&100).is_none());
    }
}
