//! A vector search by brute force.

use crate::random::Random;

/// Numbers in a vector.
pub(super) const DIMENSIONS: usize = 64;

/// Vectors of length 1, so that the cosine of two is their dot product.
#[derive(Debug)]
pub(super) struct Index {
    vectors: Vec<[f32; DIMENSIONS]>,
}

/// A vector that was found.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub(super) struct Hit {
    pub(super) vector: usize,
    pub(super) cosine: f32,
}

impl Index {
    /// `size` made-up vectors that follow from `seed`.
    pub(super) fn made_up(size: usize, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let vectors = (0..size)
            .map(|_| {
                let mut vector = [0.0; DIMENSIONS];
                vector.fill_with(|| random.signed());
                normalized(vector)
            })
            .collect();
        Self { vectors }
    }

    /// The vector with this number.
    pub(super) fn get(&self, number: usize) -> Option<&[f32; DIMENSIONS]> {
        self.vectors.get(number)
    }

    /// The `count` vectors that are nearest to `query`, nearest first.
    pub(super) fn nearest(&self, query: &[f32; DIMENSIONS], count: usize) -> Vec<Hit> {
        let mut hits: Vec<Hit> = self.hits(query).collect();
        if count < hits.len() {
            hits.select_nth_unstable_by(count, by_distance);
            hits.truncate(count);
        }
        hits.sort_unstable_by(by_distance);
        hits
    }

    /// Every vector whose cosine with `query` is at least `least`, nearest first.
    pub(super) fn within(&self, query: &[f32; DIMENSIONS], least: f32) -> Vec<Hit> {
        let mut hits: Vec<Hit> = self.hits(query).filter(|hit| hit.cosine >= least).collect();
        hits.sort_unstable_by(by_distance);
        hits
    }

    fn hits(&self, query: &[f32; DIMENSIONS]) -> impl Iterator<Item = Hit> {
        let query = normalized(*query);
        self.vectors
            .iter()
            .enumerate()
            .map(move |(number, vector)| {
                let cosine = vector.iter().zip(&query).map(|(a, b)| a * b).sum();
                Hit {
                    vector: number,
                    cosine,
                }
            })
    }
}

fn by_distance(a: &Hit, b: &Hit) -> std::cmp::Ordering {
    b.cosine.total_cmp(&a.cosine).then(a.vector.cmp(&b.vector))
}

/// The vector with length 1; one of length 0 stays as it is.
fn normalized(mut vector: [f32; DIMENSIONS]) -> [f32; DIMENSIONS] {
    let length = vector
        .iter()
        .map(|number| number * number)
        .sum::<f32>()
        .sqrt();
    if length > 0.0 {
        for number in &mut vector {
            *number /= length;
        }
    }
    vector
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vector_is_nearest_to_itself() {
        let index = Index::made_up(500, 1);
        let query = *index.get(123).unwrap();
        let hits = index.nearest(&query, 10);
        assert_eq!(hits.len(), 10);
        assert_eq!(hits[0].vector, 123);
        assert!((hits[0].cosine - 1.0).abs() < 1e-5);
        assert!(hits.is_sorted_by(|a, b| a.cosine >= b.cosine));
        assert_eq!(index.nearest(&query, 1000).len(), 500);
    }

    #[test]
    fn both_queries_agree() {
        let index = Index::made_up(500, 2);
        let query = *index.get(7).unwrap();
        let nearest = index.nearest(&query, 20);
        assert_eq!(index.within(&query, nearest[19].cosine), nearest);
        assert!(index.within(&query, 1.1).is_empty());
    }

    #[test]
    fn the_length_of_a_query_does_not_matter() {
        let index = Index::made_up(100, 3);
        let query = *index.get(9).unwrap();
        let found = |query| -> Vec<usize> {
            index
                .nearest(&query, 5)
                .iter()
                .map(|hit| hit.vector)
                .collect()
        };
        assert_eq!(found(query), found(query.map(|number| 4.0 * number)));
    }
}
