//! What an organisation sets of its readiness for certification. What it leaves out is as the
//! product has it.

use declare::record;

/// What an organisation sets of its readiness.
#[record]
#[derive(Default)]
pub struct ReadinessRules {
    /// For how many months records of operation must reach back before a stage 2 audit; 3 when left
    /// out.
    pub months_of_records: Option<u32>,
    /// The share of applicable controls that must be implemented before a stage 2 audit, in
    /// percent; 85 when left out.
    pub implementation_threshold: Option<u32>,
    /// For how many days evidence counts that does not say it of itself; 365 when left out.
    pub evidence_fresh_days: Option<u32>,
    /// The weights of the parts of the readiness index.
    pub weights: Option<ReadinessWeights>,
}

/// Weights of the parts of the readiness index, in percent; together they are 100.
#[record]
#[derive(Default)]
pub struct ReadinessWeights {
    /// Of clause coverage; 30 unless set.
    pub clause_coverage: u32,
    /// Of the rate of implemented controls; 25 unless set.
    pub control_implementation: u32,
    /// Of the rate of proven controls; 15 unless set.
    pub control_proof: u32,
    /// Of running systems with an impact assessment; 10 unless set.
    pub impact_assessments: u32,
    /// Of having no open nonconformities; 10 unless set.
    pub nonconformities: u32,
    /// Of documents in date; 5 unless set.
    pub document_currency: u32,
    /// Of supplier assurance; 5 unless set.
    pub supplier_assurance: u32,
}

impl ReadinessWeights {
    /// Together they are 100.
    pub(super) fn are_whole(&self) -> bool {
        let Self {
            clause_coverage,
            control_implementation,
            control_proof,
            impact_assessments,
            nonconformities,
            document_currency,
            supplier_assurance,
        } = self;
        let all = [
            clause_coverage,
            control_implementation,
            control_proof,
            impact_assessments,
            nonconformities,
            document_currency,
            supplier_assurance,
        ];
        all.into_iter().map(|weight| u64::from(*weight)).sum::<u64>() == 100
    }
}

impl ReadinessRules {
    /// What is wrong with it: where in the input, and what must hold.
    pub(super) fn fault(&self) -> Option<(&'static str, &'static str)> {
        let within = |value: Option<u32>, from: u32, to: u32| {
            value.is_none_or(|value| (from..=to).contains(&value))
        };
        let whole = self.weights.as_ref().is_none_or(ReadinessWeights::are_whole);
        [
            (
                within(self.months_of_records, 0, 60),
                "/readiness/monthsOfRecords",
                "lies between 0 and 60",
            ),
            (
                within(self.implementation_threshold, 0, 100),
                "/readiness/implementationThreshold",
                "is a share in percent, from 0 to 100",
            ),
            (
                within(self.evidence_fresh_days, 1, 3650),
                "/readiness/evidenceFreshDays",
                "lies between 1 and 3650",
            ),
            (whole, "/readiness/weights", "are percentages that make 100 together"),
        ]
        .into_iter()
        .find_map(|(holds, at, must)| (!holds).then_some((at, must)))
    }
}
