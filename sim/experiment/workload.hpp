#pragma once
// The workload of a point: which streams the cores run. The only part of sim/experiment that knows traces/.

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/experiment/field.hpp"
#include "sim/machine/parameters.hpp"
#include "traces/operation.hpp"

namespace baton::traces::format {
class Recording;
}

namespace baton::experiment {

/// A synthetic pattern and its parameters, all of them.
struct PatternChoice {
  std::string pattern;
  double weight = 1;  ///< its share of operations, in a mix
  std::map<std::string, double> values;
};

/// Injected pre-emption.
struct PreemptChoice {
  std::string at = "none";  ///< a place that the program names
  double probability = 0;
  std::uint64_t min_ps = 1'000'000;
  std::uint64_t max_ps = 1'000'000'000;
  std::string distribution = "log_uniform";
};

/// A program and its parameters, all of them, by type.
struct ProgramSettings {
  std::string program;
  std::map<std::string, double> values;
  std::map<std::string, std::string> choices;
  std::map<std::string, bool> flags;
  std::uint32_t threads = 0;  ///< 0: as many as cores
  std::uint64_t timer_granularity_ps = 0;
  PreemptChoice preempt;
};

struct WorkloadChoice {
  std::string kind;  ///< "synthetic", "trace", "program"

  bool mix = false;                  ///< synthetic: the pattern is "mix"
  std::vector<PatternChoice> parts;  ///< synthetic: one, or the mix's
  std::uint64_t operations = 1000;   ///< synthetic: of each core, in a mix

  std::string path;              ///< trace: as the config has it
  std::filesystem::path folder;  ///< trace: what a relative path is relative to
  std::string format = "auto";
  std::string order = "free";
  bool salvage = false;              ///< trace: leave out what is damaged
  std::string threads = "as_cores";  ///< trace: where its threads run

  ProgramSettings program;
};

/// The names of the patterns, "mix" among them.
std::vector<std::string> pattern_names();

/// Those that can be part of a mix.
std::vector<std::string> part_names();

std::vector<std::string> program_names();

/// The keys that a workload object of this kind and pattern or program may have; empty if there is no such
/// workload.
std::vector<std::string> workload_keys(const std::string& kind, const std::string& name);

/// The fields of a program: its own, then those of every program. Only the latter if there is none of this
/// name.
Section describe_program(ProgramSettings& settings, const std::string& name);
/// As read_workload, for a program.
void read_program(const Json& object, int cores, ProgramSettings& settings, Problems& problems);
Json write_program(const ProgramSettings& settings);
std::unique_ptr<traces::Workload> make_program(const ProgramSettings& settings,
                                               const sim::MachineParameters& machine, std::uint64_t seed);

/// Reads a config's "workload" object. Parameters are checked against the machine's number of cores.
void read_workload(const Json& object, int cores, WorkloadChoice& workload, Problems& problems);

/// Canonical: every field, in order.
Json write_workload(const WorkloadChoice& workload);

/// The draft-7 schema of a "workload" object.
Json workload_schema();

/// For the table of fields in configs/README.md: one section a kind, pattern or program, with the defaults.
/// Those of every program come before, as the section "program".
struct WorkloadDescription {
  std::string title;
  std::string meaning;
  std::vector<Field> fields;
  std::vector<Section> sections;
  std::shared_ptr<void> storage;  ///< what the fields point into
};
std::vector<WorkloadDescription> describe_workloads();

/// What rows call it: the pattern, or the trace's file name without its folders.
std::string workload_label(const WorkloadChoice& workload);

/// Where a trace lies.
std::filesystem::path trace_path(const WorkloadChoice& workload);

/// The files of a trace: one, or one a core, and what else its format reads. One that cannot be read is its
/// own.
std::vector<std::string> trace_files(const WorkloadChoice& workload);

/// What is kept of a damaged recording, and what is lost, a line each.
struct Salvaged {
  std::uint32_t threads = 0;
  std::uint64_t records = 0;
  std::vector<std::string> lost;
};
/// Of a trace with WorkloadChoice::salvage. Throws traces::InputError.
Salvaged salvaged(const WorkloadChoice& workload);

/// The recording that a trace is, for what it has beside accesses; null if it is none. Throws
/// traces::InputError.
std::unique_ptr<traces::format::Recording> open_recording(const WorkloadChoice& workload);

/// The cores, or threads, of a trace, from its content. Throws traces::InputError.
int trace_cores(const WorkloadChoice& workload);

/// The trace as a workload for a machine. Throws traces::InputError.
std::unique_ptr<traces::Workload> open_trace_workload(const WorkloadChoice& workload,
                                                      const sim::MachineParameters& machine);

/// The workload itself. Throws traces::InputError for a trace that cannot be read.
std::unique_ptr<traces::Workload> make_workload(const WorkloadChoice& workload,
                                                const sim::MachineParameters& machine, std::uint64_t seed);

}  // namespace baton::experiment
