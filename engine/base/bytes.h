#pragma once

#include <cstddef>
#include <string_view>

namespace signalbox {

/// A borrowed run of bytes. Text and binary share the type: what they mean is the codec's business.
using Bytes = std::string_view;

}  // namespace signalbox
