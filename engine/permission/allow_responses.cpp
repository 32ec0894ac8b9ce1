#include "engine/permission/allow_responses.h"

namespace signalbox::permission {

void AllowResponses::requested(std::string_view reply, Instant now) {
    forget_old(now);
    std::uint64_t const number = next_number_++;
    auto const found = waiting_.find(reply);
    if (found != waiting_.end()) {
        found->second = {.at = now, .answers = 0, .number = number};
    } else {
        waiting_.emplace(reply, Request{.at = now, .answers = 0, .number = number});
    }
    in_order_.push_back({.reply = std::string(reply), .number = number});
}

bool AllowResponses::take(std::string_view subject, Instant now) {
    auto const found = waiting_.find(subject);
    if (found == waiting_.end()) {
        return false;
    }
    Request& request = found->second;
    ++request.answers;
    bool const one_too_many = rules_.max >= 0 && request.answers > rules_.max;
    if (one_too_many || is_over(request, now)) {
        waiting_.erase(found);
        return false;
    }
    return true;
}

bool AllowResponses::is_over(Request const& request, Instant now) const {
    return rules_.expires.count() >= 0 && now - request.at > rules_.expires;
}

void AllowResponses::forget_old(Instant now) {
    while (!in_order_.empty()) {
        Came const& oldest = in_order_.front();
        auto const found = waiting_.find(oldest.reply);
        bool const stands = found != waiting_.end() && found->second.number == oldest.number;
        if (stands) {
            if (!is_over(found->second, now) && in_order_.size() < kMost) {
                return;
            }
            waiting_.erase(found);
        }
        in_order_.pop_front();
    }
}

}  // namespace signalbox::permission
