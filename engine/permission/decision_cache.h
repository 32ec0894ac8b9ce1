#pragma once

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
    enum class Known : std::uint8_t {
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

        bool is_of(std::string_view of_subject, std::string_view of_queue) const {
            return known != Known::No && subject == of_subject && queue == of_queue;
        }
    };

    /// The place of this question. When its `known` is `No`, the caller finds the answer and
    /// writes it there; what the place held of another question is gone.
    Place& place_of(std::string_view subject, std::string_view queue = {}) {
        // Most publishers go on with the subject they had.
        if (last_ != nullptr && last_->is_of(subject, queue)) [[likely]] {
            return *last_;
        }
        return look_up(subject, queue);
    }

private:
    static constexpr std::size_t kSets = 128;
    static constexpr std::size_t kWays = 4;
    using Set = std::array<Place, kWays>;

    Place& look_up(std::string_view subject, std::string_view queue);

    std::unique_ptr<std::array<Set, kSets>> sets_;
    Place* last_ = nullptr;
    std::uint32_t victim_ = 0;  ///< Of a full set.
};

}  // namespace signalbox::permission
