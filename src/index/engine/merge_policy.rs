//! Which segments to merge.
//!
//! As in a log-structured merge tree, [`AT_ONCE`] segments of like size become one of the next size. Large
//! segments stay as they are, so that adding a clipping costs the same in a large index as in a small one.

/// So many segments of like size become one.
const AT_ONCE: usize = 8;
/// Bounds the memory of a merge. An index has more segments of like size after merges that failed or were
/// interrupted.
const MOST_AT_ONCE: usize = 16;
/// Segments of more clippings are not merged again.
const LARGE: u32 = 100_000;
/// All segments of fewer clippings are of like size.
const SMALL: u32 = 10_000;
/// Segments are of like size when the largest is not larger than the smallest by this factor.
const LIKE: f32 = 1.7;
/// A segment of which this share is deleted is rewritten.
const MOST_DELETED: f32 = 0.3;

/// Selects the segments to merge into one, by their places in ascending order; none when no merge is due. Each
/// segment is given by its number of live clippings and its number of all.
pub(in crate::index) fn select_merge(segments: impl Iterator<Item = (u32, u32)>) -> Vec<usize> {
    let segments: Vec<(u32, u32)> = segments.collect();
    let mut small: Vec<(u32, usize)> = (0..)
        .zip(&segments)
        .map(|(at, &(live, _))| (live, at))
        .filter(|&(live, _)| live < LARGE)
        .collect();
    small.sort_unstable();
    let mut chosen: Vec<usize> = Vec::new();
    let mut rest = &small[..];
    while let Some(&(first, _)) = rest.first() {
        let limit = first.max(SMALL) as f32 * LIKE;
        let count = rest.partition_point(|&(live, _)| live as f32 <= limit);
        let (alike, larger) = rest.split_at(count);
        if count >= AT_ONCE {
            chosen = alike.iter().take(MOST_AT_ONCE).map(|&(_, at)| at).collect();
            break;
        }
        rest = larger;
    }
    if chosen.is_empty() {
        let is_worn =
            |&(live, all): &(u32, u32)| live > 0 && (all - live) as f32 > all as f32 * MOST_DELETED;
        chosen.extend(segments.iter().position(is_worn));
    }
    chosen.sort_unstable();
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose_of(sizes: &[u32]) -> Vec<usize> {
        select_merge(sizes.iter().map(|&size| (size, size)))
    }

    #[test]
    fn eight_of_like_size_are_merged() {
        assert!(choose_of(&[]).is_empty());
        assert!(choose_of(&[31_000; 7]).is_empty());
        assert_eq!(choose_of(&[31_000; 8]), [0, 1, 2, 3, 4, 5, 6, 7]);
        let sizes = [
            31_000, 250_000, 1, 30_000, 25_000, 31_000, 9_000, 31_000, 31_000, 28_000, 27_000,
        ];
        assert_eq!(choose_of(&sizes), [0, 3, 4, 5, 7, 8, 9, 10]);
    }

    #[test]
    fn small_ones_are_of_like_size() {
        let sizes = [1, 5, 3_000, 16_000, 9, 10, 11, 12];
        assert_eq!(choose_of(&sizes), [0, 1, 2, 3, 4, 5, 6, 7]);
    }

    #[test]
    fn no_more_are_merged_than_fit_into_memory() {
        assert_eq!(choose_of(&[31_000; 33]).len(), MOST_AT_ONCE);
    }

    #[test]
    fn large_ones_stay() {
        assert!(choose_of(&[250_000; 20]).is_empty());
    }

    #[test]
    fn a_segment_of_which_much_was_taken_out_is_written_anew() {
        let segments = [(900_000, 1_000_000), (600_000, 1_000_000), (0, 10)];
        assert_eq!(select_merge(segments.into_iter()), [1]);
    }

    /// However clippings come in, merging ends, and few segments are left.
    #[test]
    fn merging_ends() {
        for size in [1, 40, 5_000, 31_000, 99_999] {
            let mut sizes: Vec<u32> = Vec::new();
            for _ in 0..500 {
                sizes.push(size);
                loop {
                    let chosen = choose_of(&sizes);
                    if chosen.is_empty() {
                        break;
                    }
                    assert!(chosen.len() >= AT_ONCE && chosen.is_sorted());
                    let sum = chosen.iter().map(|&at| sizes[at]).sum();
                    let mut at = 0..;
                    sizes.retain(|_| !chosen.contains(&at.next().unwrap()));
                    sizes.push(sum);
                }
            }
            let small = sizes.iter().filter(|&&size| size < LARGE).count();
            assert!(small < 3 * AT_ONCE, "{sizes:?}");
        }
    }
}
