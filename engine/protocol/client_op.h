#pragma once

#include "engine/base/bytes.h"
#include "engine/subject/subject.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace signalbox::protocol {

/// PUB and HPUB. All views are into the bytes as they came.
struct Publish {
    subject::PublishSubject subject;
    std::string_view reply;
    std::string_view sizes;  ///< The size arguments as they were written: `5`, or `12 17`.
    Bytes headers;           ///< Empty for PUB and for a header size of 0.
    Bytes payload;           ///< Without the headers.
    Bytes tail;              ///< All after the subject, fit to follow a MSG's (or, with headers, an
                             ///< HMSG's) sid; empty for irregular lines.
};

struct Subscribe {
    std::string_view filter;  ///< Not checked yet.
    std::string_view queue;
    std::string_view sid;
};

struct Unsubscribe {
    std::string_view sid;
    std::uint64_t max = 0;  ///< 0: now.
};

}  // namespace signalbox::protocol
