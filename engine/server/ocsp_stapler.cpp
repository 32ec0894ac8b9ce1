#include "engine/server/ocsp_stapler.h"

#include "engine/base/text.h"

#include <algorithm>
#include <utility>

namespace signalbox::server {
namespace {

constexpr Duration kAskTimeout = base::seconds(5);
constexpr std::uint64_t kAnswerLimit = 64 * 1024;
constexpr Duration kSoonest = base::seconds(10);
constexpr Duration kLatest = base::hours(24);
/// After nobody answered.
constexpr Duration kRetry = base::minutes(1);
/// Of an answer that does not say until when it is good.
constexpr Duration kWithoutEnd = base::hours(1);

std::string_view name_of(tls::OcspStatus status) {
    switch (status) {
        case tls::OcspStatus::Good:
            return "good";
        case tls::OcspStatus::Revoked:
            return "revoked";
        case tls::OcspStatus::Unknown:
            return "unknown";
    }
    return "unknown";
}

}  // namespace

OcspStapler::~OcspStapler() {
    *alive_ = false;
    world_.timers().cancel(timer_);
}

void OcspStapler::start(tls::ContextPtr const& context,
                        std::optional<config::OcspOptions> const& options, OnDone done) {
    world_.timers().cancel(std::exchange(timer_, {}));
    exchange_.reset();
    ++attempt_;
    certificate_.reset();
    good_until_ = {};
    hooks_.changed(nullptr);
    done_ = std::move(done);
    if (!context) {
        tell({});
        return;
    }
    auto certificate = examine(*context, options.value_or(config::OcspOptions{}));
    if (!certificate.ok()) {
        tell(certificate.error());
        return;
    }
    certificate_ = std::move(certificate).value();
    if (certificate_) {
        ask(0);
    } else {
        tell({});
    }
}

/// Nothing: its answers are not to be shown.
Result<std::optional<OcspStapler::Certificate>> OcspStapler::examine(
    tls::Context const& context, config::OcspOptions const& options) {
    using config::OcspMode;
    bool const demanded = tls::must_be_stapled(context);
    if (options.mode == OcspMode::Never && demanded) {
        LOG(log_, Warning, "the certificate asks for OCSP stapling, which is disabled");
    }
    bool const wanted = options.mode == OcspMode::Always || demanded;
    if (options.mode == OcspMode::Never || !wanted) {
        return std::optional<Certificate>();
    }
    Certificate certificate{
        .subject = TRY(tls::OcspSubject::of(context)),
        .responders = options.urls,
        .must_be_good = options.mode == OcspMode::Always || options.mode == OcspMode::Must};
    if (certificate.responders.empty()) {
        certificate.responders = certificate.subject.responders();
    }
    if (certificate.responders.empty()) {
        return Error(Errc::NotFound, "no available OCSP servers");
    }
    return std::optional(std::move(certificate));
}

void OcspStapler::ask(std::size_t responder) {
    unsigned const attempt = ++attempt_;
    auto exchange = transport::HttpExchange::start(
        world_,
        {.method = "POST",
         .url = certificate_->responders[responder],
         .content_type = "application/ocsp-request",
         .body = certificate_->subject.question(),
         .timeout = kAskTimeout,
         .body_limit = kAnswerLimit},
        [this, responder, attempt](transport::HttpExchange::Outcome outcome) {
            // Not from within the exchange, which another may replace.
            world_.turn().defer(
                [this, alive = alive_, responder, attempt, outcome = std::move(outcome)] {
                    if (*alive && attempt == attempt_) {
                        exchange_.reset();
                        answered(responder, outcome);
                    }
                });
        });
    if (exchange.ok()) {
        exchange_ = std::move(exchange).value();
    } else {
        answered(responder, exchange.error());
    }
}

void OcspStapler::answered(std::size_t responder, transport::HttpExchange::Outcome outcome) {
    Error error(Errc::Unavailable, "");
    if (!outcome.ok()) {
        error = outcome.error();
    } else if (outcome.value().status != 200) {
        error = Error(Errc::Unavailable, concat("status ", outcome.value().status));
    } else {
        auto answer = certificate_->subject.read(outcome.value().body, world_.clock().wall_now());
        if (answer.ok()) {
            take(std::move(answer).value());
            return;
        }
        error = answer.error();
    }
    if (responder + 1 < certificate_->responders.size()) {
        ask(responder + 1);
        return;
    }
    failed(Error(error.code(), concat("bad OCSP status update for certificate, from ",
                                      certificate_->responders[responder], ": ", error.detail())));
}

void OcspStapler::take(tls::OcspAnswer answer) {
    WallTime const now = world_.clock().wall_now();
    bool const is_good = answer.status == tls::OcspStatus::Good;
    LOG(log_, Debug, "received OCSP status for certificate: ", name_of(answer.status));
    if (!is_good && certificate_->must_be_good) {
        Error const error(Errc::Unavailable,
                          concat("found OCSP status for certificate: ", name_of(answer.status)));
        if (done_) {
            tell(error);
            return;
        }
        LOG(log_, Error, error.detail(), ", shutting down");
        hooks_.revoked();
        return;
    }
    if (!is_good) {
        LOG(log_, Warning, "found OCSP status for certificate: ", name_of(answer.status));
    }
    good_until_ = answer.next_update;
    Duration const left = answer.next_update.is_set() ? answer.next_update - now : kWithoutEnd;
    hooks_.changed(std::make_shared<std::string const>(std::move(answer.der)));
    ask_again_after(std::clamp(left / 2, kSoonest, kLatest));
    tell({});
}

void OcspStapler::failed(Error const& error) {
    if (done_) {
        tell(error);
        return;
    }
    LOG(log_, Error, error.detail());
    if (good_until_.is_set() && good_until_ < world_.clock().wall_now()) {
        // Nothing is better than what peers would not believe.
        hooks_.changed(nullptr);
    }
    ask_again_after(kRetry);
}

void OcspStapler::tell(Result<void> result) {
    if (auto const done = std::exchange(done_, {})) {
        done(std::move(result));
    }
}

void OcspStapler::ask_again_after(Duration wait) {
    timer_ = world_.timers().call_at(world_.clock().now() + wait, [this] {
        timer_ = {};
        ask(0);
    });
}

}  // namespace signalbox::server
