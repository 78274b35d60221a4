#include "sim/experiment/litmus/campaign.hpp"

#include <algorithm>
#include <list>

#include <poll.h>

#include "protocols/core/registry.hpp"
#include "sim/experiment/child_process.hpp"
#include "sim/experiment/json.hpp"
#include "sim/machine/simulate.hpp"
#include "traces/error.hpp"

namespace baton::experiment {
namespace {

constexpr int poll_ms = 100;
// A machine does so many runs of a test, then another one is drawn: its sizes and latencies change with it.
constexpr std::uint64_t runs_a_machine = 500;

/// One machine, with its share of the runs of all tests that fit it.
struct Job {
  sim::MachineParameters machine;
  const LitmusCampaign::Protocol* protocol = nullptr;
  std::size_t consistency = 0;
  std::uint64_t seed = 0;
  std::vector<std::pair<std::size_t, std::uint64_t>> tests;  // number, runs
  std::string name;
};

template <class T, std::size_t n>
T one_of(traces::Random& random, const T (&list)[n]) {
  return list[random.below(n)];
}

// Sizes and latencies that no one would build, to make orders that no one would expect: caches of a few
// lines, one MSHR, a short store buffer, slow and jittery networks.
sim::MachineParameters draw_machine(traces::Random& random, const std::string& topology,
                                    const std::string& consistency, std::uint32_t cores) {
  sim::MachineParameters machine;
  machine.cores = cores;
  machine.core.consistency = consistency;
  machine.core.store_buffer = one_of(random, {1U, 2U, 4U, 56U});
  if (random.below(2) == 0) {
    machine.cache.ways = 2;
    machine.cache.size_bytes = one_of(random, {128U, 256U, 512U});
  }
  machine.cache.mshrs = one_of(random, {1U, 2U, 8U});
  machine.cache.hit_cycles = one_of(random, {1U, 2U, 4U});
  machine.cache.replacement = one_of(random, {"lru", "tree_plru"});
  machine.home.llc_slice_bytes = one_of(random, {0U, 4096U, 1U << 20});
  machine.home.jitter_cycles = one_of(random, {0U, 0U, 30U});
  machine.home.occupancy_cycles = one_of(random, {1U, 8U});
  machine.memory.controllers = 1;
  machine.memory.latency_ps = one_of(random, {5'000U, 80'000U});
  machine.network.topology = topology;
  machine.network.jitter_cycles = one_of(random, {0U, 3U, 20U, 150U});
  machine.network.link_bytes = one_of(random, {8U, 16U, 80U});
  return machine;
}

std::uint32_t cores_for(const std::vector<litmus::Test>& tests) {
  std::size_t most = 1;
  for (const litmus::Test& test : tests) most = std::max(most, test.threads.size());
  return most <= 4 ? 4 : 8;
}

/// A protocol on a topology that it can have: one that snoops runs on the bus, whatever else is asked for.
using Place = std::pair<const LitmusCampaign::Protocol*, std::string>;

std::vector<Place> places_of(const LitmusCampaign& campaign) {
  std::vector<Place> places;
  for (const auto& protocol : campaign.protocols) {
    if (find_protocol(protocol.choice.name)->snoops())
      places.emplace_back(&protocol, "bus");
    else
      for (const std::string& topology : campaign.topologies) places.emplace_back(&protocol, topology);
  }
  return places;
}

std::vector<Job> make_jobs(const LitmusCampaign& campaign) {
  std::vector<Job> jobs;
  const std::uint32_t cores = cores_for(campaign.tests);
  const std::vector<Place> places = places_of(campaign);
  for (std::size_t c = 0; c < campaign.consistencies.size(); ++c)
    for (std::size_t number = 0; number < places.size(); ++number) {
      const auto& [protocol, topology] = places[number];
      // Its share of the runs, in parts.
      std::uint64_t left = campaign.runs / places.size() + (number < campaign.runs % places.size() ? 1 : 0);
      for (std::uint64_t part = 0; left > 0; ++part) {
        Job job;
        job.protocol = protocol;
        job.consistency = c;
        job.seed = traces::derived_seed(traces::derived_seed(campaign.seed, number * 2 + c), part);
        traces::Random random(job.seed, 1);
        job.machine = draw_machine(random, topology, campaign.consistencies[c], cores);
        job.name = campaign.consistencies[c] + ", " + protocol->label + ", " + topology + ", machine " +
                   std::to_string(part);
        const auto wrong = sim::check_parameters(job.machine, protocol->choice);
        if (!wrong.empty())
          throw InputProblems("baton litmus: " + job.name + ": " + wrong.front().pointer + ": " +
                              wrong.front().message);
        const std::uint64_t runs = std::min(left, runs_a_machine);
        for (std::size_t t = 0; t < campaign.tests.size(); ++t) job.tests.emplace_back(t, runs);
        left -= runs;
        jobs.push_back(std::move(job));
      }
    }
  return jobs;
}

/// In the child: [[[outcome..., times], ...] for each test], or the failure's report.
std::string run_job(const LitmusCampaign& campaign, const Job& job) {
  std::vector<sim::LitmusCounts> counts(job.tests.size());
  std::vector<sim::LitmusWork> work;
  for (std::size_t i = 0; i < job.tests.size(); ++i)
    work.push_back({&campaign.tests[job.tests[i].first], job.tests[i].second, &counts[i]});
  Json answer = Json::array();
  try {
    sim::RunOptions options;
    options.check = campaign.check;
    options.seed = job.seed;
    options.driver = [&](const std::vector<sim::Core*>& cores, sim::Shared& shared) {
      return std::make_unique<sim::LitmusDriver>(work, job.seed, cores, shared);
    };
    sim::simulate_driver(job.machine, job.protocol->choice, options);
  } catch (const std::exception& failure) {
    return Json(failure.what()).dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  for (const auto& test : counts) {
    Json list = Json::array();
    for (const auto& [outcome, times] : test) {
      Json row = outcome;
      row.push_back(times);
      list.push_back(std::move(row));
    }
    answer.push_back(std::move(list));
  }
  return answer.dump();
}

class Pool {
 public:
  Pool(const LitmusCampaign& campaign, std::vector<Job> jobs, LitmusOutcome& outcome)
      : campaign_(campaign), jobs_(std::move(jobs)), outcome_(outcome), answers_(jobs_.size()) {}

  void run() {
    while (next_ < jobs_.size() || !running_.empty()) {
      for (; next_ < jobs_.size() && running_.size() < static_cast<std::size_t>(campaign_.jobs); ++next_)
        running_.push_back({next_, ChildProcess([&] { return run_job(campaign_, jobs_[next_]); })});
      wait();
      collect();
      if (campaign_.stop && campaign_.stop()) {
        outcome_.interrupted = true;
        return;
      }
    }
    for (std::size_t i = 0; i < jobs_.size(); ++i) merge(jobs_[i], answers_[i]);  // in order
  }

 private:
  struct Running {
    std::size_t job;
    ChildProcess child;
  };

  void wait() const {
    std::vector<pollfd> descriptors;
    for (const Running& running : running_)
      for (const int descriptor : {running.child.result_descriptor(), running.child.error_descriptor()})
        descriptors.push_back({descriptor, POLLIN, 0});
    poll(descriptors.data(), descriptors.size(), poll_ms);
  }

  void collect() {
    for (auto running = running_.begin(); running != running_.end();) {
      if (!running->child.read_some()) {
        ++running;
        continue;
      }
      answers_[running->job] = running->child.finish();
      for (const auto& [test, runs] : jobs_[running->job].tests) done_ += runs;
      if (campaign_.progress)
        campaign_.progress(done_, campaign_.runs * campaign_.tests.size() * campaign_.consistencies.size());
      running = running_.erase(running);
    }
  }

  void merge(const Job& job, const ChildProcess::Ended& ended) {
    const Json answer = Json::parse(ended.text, nullptr, false);
    if (!ended.normally || !answer.is_array()) {
      outcome_.failures.push_back(job.name + ": " +
                                  (answer.is_string() ? answer.get<std::string>() : ended.report));
      return;
    }
    for (std::size_t i = 0; i < job.tests.size(); ++i) {
      LitmusResult& result =
          outcome_.results[job.tests[i].first * campaign_.consistencies.size() + job.consistency];
      for (const Json& row : answer[i]) {
        auto outcome = row.get<litmus::Outcome>();
        const auto times = static_cast<std::uint64_t>(outcome.back());
        outcome.pop_back();
        add(result, outcome, times, job.name);
      }
    }
  }

  void add(LitmusResult& result, const litmus::Outcome& outcome, std::uint64_t times,
           const std::string& machine) const {
    result.runs += times;
    if (!result.allowed.contains(outcome))
      result.forbidden.try_emplace(outcome, machine + ", --seed " + std::to_string(campaign_.seed));
    if (result.test->filter.holds(outcome))
      result.seen[outcome] += times;
    else
      result.filtered += times;
  }

  const LitmusCampaign& campaign_;
  std::vector<Job> jobs_;
  LitmusOutcome& outcome_;
  std::vector<ChildProcess::Ended> answers_;
  std::list<Running> running_;
  std::size_t next_ = 0;
  std::uint64_t done_ = 0;
};

}  // namespace

LitmusOutcome run_litmus(const LitmusCampaign& campaign) {
  LitmusOutcome outcome;
  for (const litmus::Test& test : campaign.tests)
    for (const std::string& consistency : campaign.consistencies) {
      LitmusResult result;
      result.test = &test;
      result.consistency = consistency;
      const auto model = consistency == "sc" ? litmus::Model::sc : litmus::Model::tso;
      result.allowed = litmus::allowed_outcomes(test, model);
      outcome.results.push_back(std::move(result));
    }
  Pool(campaign, make_jobs(campaign), outcome).run();
  return outcome;
}

}  // namespace baton::experiment
