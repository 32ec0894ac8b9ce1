#include "engine/server/ocsp_peer_check.h"

#include "engine/base/encoding.h"
#include "engine/base/text.h"
#include "engine/crypto/digest.h"

#include <utility>

namespace signalbox::server {
namespace {

constexpr std::size_t kMostKnown = 10'000;
constexpr std::uint64_t kAnswerLimit = 64 * 1024;

}  // namespace

OcspPeerCheck::~OcspPeerCheck() {
    *alive_ = false;
    for (InquiryPtr const& inquiry : open_) {
        // What it calls at its end holds the inquiry.
        inquiry->exchange.reset();
    }
}

void OcspPeerCheck::check(std::shared_ptr<tls::PeerIdentity const> const& peer, OnVerdict done,
                          OnInvalidLink invalid) {
    auto const inquiry = std::make_shared<Inquiry>();
    inquiry->subject = peer->subject;
    inquiry->done = std::move(done);
    inquiry->invalid = std::move(invalid);
    open_.insert(inquiry);
    std::vector<std::string> const& chain = peer->verified_chain;
    for (std::size_t i = 0; i + 1 < chain.size(); ++i) {
        auto subject = tls::OcspSubject::of(chain[i], chain[i + 1]);
        if (!subject.ok()) {
            refuse(inquiry, subject.error().detail());
            return;
        }
        std::vector<std::string> responders = subject.value().responders();
        if (!responders.empty()) {
            inquiry->links.push_back({.place = i,
                                      .name = base::to_hex(crypto::sha256(chain[i])),
                                      .subject = std::move(subject).value(),
                                      .responders = std::move(responders)});
        }
    }
    go_on(inquiry);
}

void OcspPeerCheck::go_on(InquiryPtr const& inquiry) {
    while (inquiry->link < inquiry->links.size()) {
        auto const known = known_.find(inquiry->links[inquiry->link].name);
        if (known == known_.end() || known->second.until < world_.clock().wall_now()) {
            inquiry->responder = 0;
            ask(inquiry);
            return;
        }
        if (!accept(inquiry, known->second.status)) {
            return;
        }
        ++inquiry->link;
    }
    finish(inquiry, {});
}

void OcspPeerCheck::ask(InquiryPtr const& inquiry) {
    Link const& link = inquiry->links[inquiry->link];
    auto exchange = transport::HttpExchange::start(
        world_,
        {.method = "POST",
         .url = link.responders[inquiry->responder],
         .content_type = "application/ocsp-request",
         .body = link.subject.question(),
         .timeout = options_.ca_timeout,
         .body_limit = kAnswerLimit},
        [this, inquiry](transport::HttpExchange::Outcome outcome) {
            // Not from within the exchange, which another may replace.
            world_.turn().defer([this, alive = alive_, inquiry, outcome = std::move(outcome)] {
                if (*alive) {
                    inquiry->exchange.reset();
                    answered(inquiry, outcome);
                }
            });
        });
    if (exchange.ok()) {
        inquiry->exchange = std::move(exchange).value();
    } else {
        answered(inquiry, exchange.error());
    }
}

void OcspPeerCheck::answered(InquiryPtr const& inquiry,
                             transport::HttpExchange::Outcome const& outcome) {
    Link const& link = inquiry->links[inquiry->link];
    std::string why;
    if (!outcome.ok()) {
        why = outcome.error().detail();
    } else if (outcome.value().status != 200) {
        why = concat("status ", outcome.value().status);
    } else {
        auto const answer = link.subject.read(outcome.value().body, world_.clock().wall_now(),
                                              options_.allowed_clockskew);
        if (answer.ok()) {
            remember(link.name, answer.value());
            if (accept(inquiry, answer.value().status)) {
                ++inquiry->link;
                go_on(inquiry);
            }
            return;
        }
        why = answer.error().detail();
    }
    if (++inquiry->responder < link.responders.size()) {
        ask(inquiry);
    } else {
        unreachable(inquiry, why);
    }
}

/// Nobody said anything. What was known before is better than nothing, when it may be.
void OcspPeerCheck::unreachable(InquiryPtr const& inquiry, std::string const& why) {
    auto const known = known_.find(inquiry->links[inquiry->link].name);
    bool const was_revoked =
        known != known_.end() && known->second.status == tls::OcspStatus::Revoked;
    if (!options_.allow_when_ca_unreachable || was_revoked) {
        refuse(inquiry, concat("no OCSP answer: ", why));
        return;
    }
    LOG(log_, Warning, "no OCSP answer for ", base::quoted(inquiry->subject), ", let in: ", why);
    ++inquiry->link;
    go_on(inquiry);
}

bool OcspPeerCheck::accept(InquiryPtr const& inquiry, tls::OcspStatus status) {
    switch (status) {
        case tls::OcspStatus::Good:
            return true;
        case tls::OcspStatus::Unknown:
            if (options_.unknown_is_good) {
                return true;
            }
            refuse(inquiry, "its OCSP status is unknown");
            return false;
        case tls::OcspStatus::Revoked:
            refuse(inquiry, "its OCSP status is revoked");
            return false;
    }
    return false;
}

void OcspPeerCheck::refuse(InquiryPtr const& inquiry, std::string const& why) {
    if (inquiry->invalid && inquiry->link < inquiry->links.size()) {
        inquiry->invalid(inquiry->links[inquiry->link].place, why);
    }
    std::string const text =
        concat("client not OCSP valid: ", base::quoted(inquiry->subject), ", ", why);
    if (options_.warn_only) {
        LOG(log_, Warning, text, "; let in");
        finish(inquiry, {});
        return;
    }
    finish(inquiry, Error(Errc::PermissionDenied, text));
}

void OcspPeerCheck::finish(InquiryPtr const& inquiry, Result<void> verdict) {
    InquiryPtr const kept = inquiry;
    open_.erase(kept);
    kept->done(std::move(verdict));
}

void OcspPeerCheck::remember(std::string const& name, tls::OcspAnswer const& answer) {
    if (known_.size() >= kMostKnown) {
        known_.clear();
    }
    WallTime const until = answer.next_update.is_set()
                               ? answer.next_update
                               : world_.clock().wall_now() + options_.cache_ttl;
    known_[name] = {.status = answer.status, .until = until};
}

}  // namespace signalbox::server
