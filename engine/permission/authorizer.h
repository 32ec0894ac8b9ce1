#pragma once

#include "engine/permission/allow_responses.h"
#include "engine/permission/rule_book.h"
#include "engine/subject/subject.h"

#include <memory>
#include <optional>
#include <string_view>

namespace signalbox::permission {

/// What one connection may do: the one place that is asked on every path that publishes, replies,
/// subscribes or delivers.
///
/// The subjects that servers keep for themselves are closed to all; the rest is by the user's rule
/// book, and open to a user without one.
class Authorizer {
public:
    /// `in_system_account`: of those who may use what is the servers' own.
    explicit Authorizer(bool in_system_account = false, std::shared_ptr<RuleBook> book = nullptr)
        : in_system_account_(in_system_account), book_(std::move(book)) {
        if (book_ && book_->responses()) {
            responses_.emplace(*book_->responses());
        }
    }

    /// Of a subject as it is after mappings. An answer to a request is counted.
    bool may_publish(subject::PublishSubject subject, Instant now) {
        // Reserved subjects begin with these; all others need no closer look.
        std::string_view const text = subject.text();
        bool const open =
            (text.front() != '_' && text.front() != '$') || may_publish_reserved(text);
        return open && (book_ == nullptr || book_->may_publish(text) ||
                        (responses_ && responses_->take(text, now)));
    }

    /// Whether answers may be asked for on `reply`.
    bool may_reply_on(std::string_view reply) const;

    /// `queue` empty: a plain subscription.
    bool may_subscribe(subject::Filter filter, std::string_view queue) const;

    /// How closely what is delivered to a subscription that it may have is looked at.
    Screening screening(subject::Filter filter, std::string_view queue) const {
        return book_ == nullptr ? Screening::None : book_->screening(filter, queue);
    }

    /// Whether a message may be delivered to a subscription of that queue group and screening.
    bool may_receive(subject::PublishSubject subject, std::string_view queue, Screening screening) {
        return book_ == nullptr || book_->may_receive(subject.text(), queue, screening);
    }

    /// The same, with the line that says so; answers to requests left aside.
    Ruling rule_publish(std::string_view subject) const;
    Ruling rule_receive(std::string_view subject, std::string_view queue,
                        Screening screening) const {
        return book_ == nullptr ? Ruling() : book_->rule_receive(subject, queue, screening);
    }

    /// Each message counts for itself: answers to requests are numbered.
    bool counts_answers() const { return responses_.has_value(); }

    /// With `counts_answers`: a message that asks for an answer was delivered.
    void requested(std::string_view reply, Instant now) {
        if (!book_->may_publish(reply)) {
            responses_->requested(reply, now);
        }
    }

private:
    bool may_publish_reserved(std::string_view subject) const;

    bool in_system_account_;
    std::shared_ptr<RuleBook> book_;
    std::optional<AllowResponses> responses_;
};

}  // namespace signalbox::permission
