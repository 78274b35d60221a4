#pragma once
// What a campaign of litmus tests has found, as litmus and herd write it, and as JSON.

#include "sim/experiment/json.hpp"
#include "sim/experiment/litmus/campaign.hpp"

namespace baton::experiment {

/// "Test SB Allowed", the histogram, the witnesses, and our verdict; lines of text.
std::string litmus_text(const LitmusResult& result);
/// The whole campaign.
Json litmus_json(const LitmusCampaign& campaign, const LitmusOutcome& outcome);
/// One line: how many runs, and whether a forbidden outcome was among them.
std::string litmus_summary(const LitmusCampaign& campaign, const LitmusOutcome& outcome);

}  // namespace baton::experiment
