#pragma once

namespace baton::record {

/// Makes the key whose destructor ends threads.
__attribute__((visibility("hidden"))) void prepare_threads();

}  // namespace baton::record
