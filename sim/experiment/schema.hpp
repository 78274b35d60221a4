#pragma once
// What a config may be, for editors and for people, from the same descriptions that read it.

#include <string>
#include <string_view>

#include "sim/experiment/json.hpp"

namespace baton::experiment {

/// configs/baton.schema.json: a draft-7 JSON Schema of a config.
Json config_schema();

/// The tables of fields for configs/README.md, in Markdown.
std::string field_tables();

/// `page` with the part between the two marks of generated text replaced by field_tables(). Throws
/// std::runtime_error if the page lacks them.
std::string with_field_tables(std::string_view page);

}  // namespace baton::experiment
