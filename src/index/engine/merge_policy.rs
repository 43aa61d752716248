//! The merge policy.
//!
//! As in a log-structured merge tree, [`MIN_NUM_SEGMENTS`] segments of similar size are merged into
//! one. Large segments are never merged again, so adding a clipping costs the same in a large index
//! as in a small one.

/// Number of segments of similar size that are merged.
const MIN_NUM_SEGMENTS: usize = 8;
/// Bounds the memory of a merge. More segments of similar size pile up after merges that failed or
/// were interrupted.
const MAX_NUM_SEGMENTS: usize = 16;
/// Segments with this many live documents or more are not merged.
const MAX_DOCS_BEFORE_MERGE: u32 = 100_000;
/// All segments with fewer documents count as similar.
const MIN_LAYER_SIZE: u32 = 10_000;
/// Maximum ratio of the largest to the smallest of similar segments.
const LAYER_RATIO: f32 = 1.7;
/// A segment with a larger share of deletes is rewritten.
const DEL_DOCS_RATIO: f32 = 0.3;

/// Indexes of the segments to merge, in ascending order; empty when no merge is due. Each segment
/// is given as (live documents, all documents).
pub(in crate::index) fn select_merge(segments: impl Iterator<Item = (u32, u32)>) -> Vec<usize> {
    let segments: Vec<(u32, u32)> = segments.collect();
    let mut small: Vec<(u32, usize)> = (0..)
        .zip(&segments)
        .map(|(at, &(live, _))| (live, at))
        .filter(|&(live, _)| live < MAX_DOCS_BEFORE_MERGE)
        .collect();
    small.sort_unstable();
    let mut selected: Vec<usize> = Vec::new();
    let mut rest = &small[..];
    while let Some(&(first, _)) = rest.first() {
        let limit = first.max(MIN_LAYER_SIZE) as f32 * LAYER_RATIO;
        let count = rest.partition_point(|&(live, _)| live as f32 <= limit);
        let (similar, larger) = rest.split_at(count);
        if count >= MIN_NUM_SEGMENTS {
            selected = similar
                .iter()
                .take(MAX_NUM_SEGMENTS)
                .map(|&(_, at)| at)
                .collect();
            break;
        }
        rest = larger;
    }
    if selected.is_empty() {
        let has_many_deletes = |&(live, all): &(u32, u32)| {
            live > 0 && (all - live) as f32 > all as f32 * DEL_DOCS_RATIO
        };
        selected.extend(segments.iter().position(has_many_deletes));
    }
    selected.sort_unstable();
    selected
}

#[cfg(test)]
mod tests {
    use super::*;

    fn select(sizes: &[u32]) -> Vec<usize> {
        select_merge(sizes.iter().map(|&size| (size, size)))
    }

    #[test]
    fn eight_of_similar_size_are_merged() {
        assert!(select(&[]).is_empty());
        assert!(select(&[31_000; 7]).is_empty());
        assert_eq!(select(&[31_000; 8]), [0, 1, 2, 3, 4, 5, 6, 7]);
        let sizes = [
            31_000, 250_000, 1, 30_000, 25_000, 31_000, 9_000, 31_000, 31_000, 28_000, 27_000,
        ];
        assert_eq!(select(&sizes), [0, 3, 4, 5, 7, 8, 9, 10]);
    }

    #[test]
    fn small_ones_count_as_similar() {
        let sizes = [1, 5, 3_000, 16_000, 9, 10, 11, 12];
        assert_eq!(select(&sizes), [0, 1, 2, 3, 4, 5, 6, 7]);
    }

    #[test]
    fn no_more_are_merged_than_fit_into_memory() {
        assert_eq!(select(&[31_000; 33]).len(), MAX_NUM_SEGMENTS);
    }

    #[test]
    fn large_ones_stay() {
        assert!(select(&[250_000; 20]).is_empty());
    }

    #[test]
    fn a_segment_with_many_deletes_is_rewritten() {
        let segments = [(900_000, 1_000_000), (600_000, 1_000_000), (0, 10)];
        assert_eq!(select_merge(segments.into_iter()), [1]);
    }

    /// Whatever the order of batches, merging terminates and few segments remain.
    #[test]
    fn merging_ends() {
        for size in [1, 40, 5_000, 31_000, 99_999] {
            let mut sizes: Vec<u32> = Vec::new();
            for _ in 0..500 {
                sizes.push(size);
                loop {
                    let selected = select(&sizes);
                    if selected.is_empty() {
                        break;
                    }
                    assert!(selected.len() >= MIN_NUM_SEGMENTS && selected.is_sorted());
                    let sum = selected.iter().map(|&at| sizes[at]).sum();
                    let mut at = 0..;
                    sizes.retain(|_| !selected.contains(&at.next().unwrap()));
                    sizes.push(sum);
                }
            }
            let small = sizes
                .iter()
                .filter(|&&size| size < MAX_DOCS_BEFORE_MERGE)
                .count();
            assert!(small < 3 * MIN_NUM_SEGMENTS, "{sizes:?}");
        }
    }
}
