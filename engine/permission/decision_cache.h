#pragma once

#include "engine/base/hash.h"

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace signalbox::permission {

/// What was decided for recent subjects, so that most messages ask no rule. Takes no memory before
/// its first use.
class DecisionCache {
public:
    enum class Known {
        No,
        Allowed,
        Refused,
    };

    /// A place for what is decided of a subject and a queue group, valid until the next call.
    struct Place {
        std::uint64_t hash = 0;
        Known known = Known::No;
        std::string subject;
        std::string queue;
    };

    /// The place of this question. When its `known` is `No`, the caller finds the answer and
    /// writes it there; what the place held of another question is gone.
    Place& place_of(std::string_view subject, std::string_view queue = {}) {
        if (places_ == nullptr) [[unlikely]] {
            places_ = std::make_unique<std::array<Place, kPlaces>>();
        }
        std::uint64_t const hash =
            base::hash_of(subject, queue.empty() ? 0 : base::hash_of(queue, 1));
        Place& place = (*places_)[hash % kPlaces];
        if (place.hash == hash && place.known != Known::No && place.subject == subject &&
            place.queue == queue) [[likely]] {
            return place;
        }
        place.hash = hash;
        place.known = Known::No;
        place.subject.assign(subject);
        place.queue.assign(queue);
        return place;
    }

private:
    static constexpr std::size_t kPlaces = 256;

    std::unique_ptr<std::array<Place, kPlaces>> places_;
};

}  // namespace signalbox::permission
