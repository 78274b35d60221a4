// What is generated in configs/ is not stale, and agrees with what the program accepts.

#define VALIJSON_USE_EXCEPTIONS 1

#include "sim/experiment/schema.hpp"

#include <catch2/catch.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "sim/experiment/config.hpp"
#include "sim/experiment/version.hpp"
#include "tests/experiment/program.hpp"

using namespace baton::experiment;
using baton::test::read_file;

namespace {

const std::filesystem::path configs = std::filesystem::path(BATON_SOURCE_DIR) / "configs";

bool valid(const nlohmann::json& document) {
  static const nlohmann::json text = nlohmann::json::parse(config_schema().dump());
  valijson::Schema schema;
  valijson::SchemaParser(valijson::SchemaParser::kDraft7)
      .populateSchema(valijson::adapters::NlohmannJsonAdapter(text), schema);
  valijson::Validator validator;
  return validator.validate(schema, valijson::adapters::NlohmannJsonAdapter(document), nullptr);
}

bool valid(const char* text) {
  return valid(nlohmann::json::parse(text));
}

}  // namespace

TEST_CASE("the schema and the README's tables are those of the program (else: baton config-docs configs)") {
  CHECK(read_file(configs / "baton.schema.json") == pretty(config_schema()) + "\n");
  const std::string readme = read_file(configs / "README.md");
  CHECK(readme == with_field_tables(readme));
}

TEST_CASE("shipped configs are valid, and so are their effective forms") {
  for (const auto& entry : std::filesystem::directory_iterator(configs)) {
    if (entry.path().extension() != ".json" || entry.path().filename() == "baton.schema.json") continue;
    CAPTURE(entry.path());
    CHECK(valid(nlohmann::json::parse(read_file(entry.path()))));
    if (entry.path().filename() == "replay.json") continue;  // lacks a trace
    const Experiment experiment = load_experiment(entry.path().string(), {});
    CHECK(valid(nlohmann::json::parse(experiment.effective.dump())));
  }
}

TEST_CASE("shipped claims are valid") {
  for (const auto& entry : std::filesystem::directory_iterator(configs / "claims")) {
    CAPTURE(entry.path());
    CHECK(valid(nlohmann::json::parse(read_file(entry.path()))));
  }
  CHECK_FALSE(valid(R"({"claim": {"source": "s", "statement": "t", "claimed": {"mix": 1}}})"));
  CHECK_FALSE(valid(R"({"claim": {"source": "s"}})"));
}

TEST_CASE("the schema refuses what the program refuses") {
  CHECK(valid(
      R"({"machine": {"cores": 16, "cache": {"size": 32768}}, "protocol": {"directory": "broadcast"}})"));
  CHECK(valid(R"({"protocol": {"name": "mesi", "pointers": "8"}})"));
  CHECK(valid(R"({"protocol": {"name": "mesi", "pointers": 8}})"));
  CHECK_FALSE(valid(R"({"protocol": {"name": "mesi", "pointers": 5}})"));
  CHECK(valid(
      R"({"workload": {"kind": "synthetic", "pattern": "mix", "parts": [{"pattern": "uniform", "weight": 2, "lines": 4}]}})"));
  CHECK_FALSE(valid(R"({"machine": {"coers": 16}})"));
  CHECK_FALSE(valid(R"({"machine": {"cores": -3}})"));
  CHECK_FALSE(valid(R"({"machine": {"cores": 3.7}})"));
  CHECK_FALSE(valid(R"({"machine": {"clock": "2GHx"}})"));
  CHECK_FALSE(valid(R"({"machine": {"memory": {"latency": 80}}})"));
  CHECK_FALSE(valid(R"({"protocol": {"name": "mesi", "reads": "migrate"}})"));
  CHECK_FALSE(valid(R"({"protocol": {"name": "moesi_unknown"}})"));
  CHECK_FALSE(valid(R"({"workload": {"kind": "synthetic", "pattern": "uniform", "sharers": 4}})"));
  CHECK_FALSE(valid(R"({"workload": {"kind": "trace", "pattern": "uniform"}})"));
  CHECK_FALSE(
      valid(R"({"workload": {"kind": "synthetic", "pattern": "mix", "parts": [{"pattern": "spin_wait"}]}})"));
  CHECK_FALSE(valid(R"({"sweep": {"x": {"path": "/machine/cores"}}})"));
  CHECK_FALSE(valid(R"({"sweep": {"x": {"path": "/machine/cores", "values": [{}]}}})"));
  CHECK_FALSE(valid(R"({"plots": [{"y": "throughput"}]})"));
}

TEST_CASE("the program's version is the project's") {
  CHECK(read_file(std::filesystem::path(BATON_SOURCE_DIR) / "CMakeLists.txt")
            .find("project(baton VERSION " + std::string(version)) != std::string::npos);
}
