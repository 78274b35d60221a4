#include "sim/machine/scripted/script.hpp"

namespace baton::sim {

#define BATON_PROTOCOL(NAME) ScriptResult run_script_##NAME(const Script&);
#include "protocol_list.inc"
#undef BATON_PROTOCOL

ScriptResult run_script(const Script& script) {
#define BATON_PROTOCOL(NAME) \
  if (script.protocol == #NAME) return run_script_##NAME(script);
#include "protocol_list.inc"
#undef BATON_PROTOCOL
  return {0, "", "there is no protocol " + script.protocol};
}

}  // namespace baton::sim
