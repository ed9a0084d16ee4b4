use datapunk_metrics::LabelSet;

#[derive(Clone, Copy, LabelSet)]
struct TenantLabels<'a> {
    user_id: &'a str,
}

fn main() {}
