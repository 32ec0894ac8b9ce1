#include "engine/event/event_id.h"

#include <array>
#include <string_view>

namespace signalbox::event {
namespace {

constexpr std::string_view kDigits =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::size_t kPrefixLength = 12;
constexpr std::size_t kNumberLength = 10;
constexpr std::uint64_t kNumbers = 839'299'365'868'340'224;  // 62 to the tenth.
constexpr std::uint64_t kSmallestStep = 33;
constexpr std::uint64_t kSteps = 300;

}  // namespace

EventIds::EventIds(world::Entropy& entropy)
    : number_(entropy.next() % kNumbers), step_(kSmallestStep + entropy.below(kSteps)) {
    for (std::size_t i = 0; i < kPrefixLength; ++i) {
        prefix_ += kDigits[entropy.below(kDigits.size())];
    }
}

std::string EventIds::next() {
    number_ = (number_ + step_) % kNumbers;
    std::string id = prefix_;
    id.resize(kPrefixLength + kNumberLength);
    std::uint64_t rest = number_;
    for (std::size_t i = id.size(); i > kPrefixLength; --i) {
        id[i - 1] = kDigits[rest % kDigits.size()];
        rest /= kDigits.size();
    }
    return id;
}

}  // namespace signalbox::event
