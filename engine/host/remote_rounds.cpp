#include "engine/host/remote_rounds.h"

#include <algorithm>
#include <utility>

namespace signalbox::host {

namespace {

constexpr Duration kTick = base::milliseconds(200);
/// What a server does not have it may have after an update.
constexpr Duration kUntilAskedAgain = base::minutes(1);
constexpr Duration kLate = base::seconds(4);
/// When the server, or whatever is in between, said that there will be no answer.
constexpr Duration kLateAndRefused = base::milliseconds(500);

Duration watched_period(Document document) {
    switch (document) {
        case Document::Varz:
        case Document::Connz:
        case Document::Routez:
        case Document::Gatewayz:
        case Document::Leafz:
            return RemoteRounds::kWatched;
        case Document::Accstatz:
            return base::seconds(2);
        case Document::Subsz:
            return base::seconds(5);
        case Document::ClosedConnz:
            return base::seconds(30);
    }
    return RemoteRounds::kWatched;
}

}  // namespace

RemoteRounds::RemoteRounds(World& world, OnDocument on_document)
    : world_(world), on_document_(std::move(on_document)) {
    for (std::size_t i = 0; i < turns_.size(); ++i) {
        turns_[i].cost.document = name_of(static_cast<Document>(i));
    }
    for (Document const document :
         {Document::Varz, Document::Connz, Document::ClosedConnz, Document::Accstatz}) {
        turn(document).wanted = true;
    }
}

RemoteRounds::~RemoteRounds() {
    world_.timers().cancel(timer_);
}

void RemoteRounds::use(Asking* asking) {
    asking_ = asking;
    ++use_;
    for (Turn& one : turns_) {
        one.asked = false;
        one.due.reset();
        one.answered.reset();
        one.cost.error.clear();
    }
    ask_what_is_due();
}

void RemoteRounds::set_watched(bool watched) {
    if (watched_ != watched) {
        watched_ = watched;
        ask_what_is_due();
    }
}

void RemoteRounds::want(Document document, bool wanted) {
    Turn& one = turn(document);
    if (one.wanted != wanted) {
        one.wanted = wanted;
        one.due.reset();
    }
}

void RemoteRounds::hurry(Document document) {
    Turn& one = turn(document);
    Instant const soon = world_.clock().now() + base::seconds(2);
    if (one.due && *one.due > soon) {
        one.due = soon;
    }
}

bool RemoteRounds::is_fresh() const {
    std::optional<Instant> const& answered =
        turns_[static_cast<std::size_t>(Document::Varz)].answered;
    std::optional<Instant> const& listed =
        turns_[static_cast<std::size_t>(Document::Connz)].answered;
    std::optional<Instant> const newest = std::max(answered, listed);
    bool const failed = !turns_[static_cast<std::size_t>(Document::Varz)].cost.error.empty() &&
                        !turns_[static_cast<std::size_t>(Document::Connz)].cost.error.empty();
    Duration const late = failed ? kLateAndRefused : kLate;
    return newest && world_.clock().now() - *newest < interval() + late;
}

std::vector<observe::AskingCost> RemoteRounds::costs() const {
    std::vector<observe::AskingCost> costs;
    for (Turn const& one : turns_) {
        if (one.cost.asked > 0) {
            costs.push_back(one.cost);
        }
    }
    return costs;
}

Duration RemoteRounds::period(Document document) const {
    Turn const& one = turns_[static_cast<std::size_t>(document)];
    Duration const wanted = watched_ ? watched_period(document) : kUnwatched;
    return std::max(wanted, one.cost.last * kRest);
}

bool RemoteRounds::is_due(Document document, Turn const& turn) const {
    bool const wanted = turn.wanted && (watched_ || document == Document::Varz);
    return wanted && !turn.asked && (!turn.due || *turn.due <= world_.clock().now());
}

void RemoteRounds::ask_what_is_due() {
    world_.timers().cancel(timer_);
    if (asking_ == nullptr) {
        return;
    }
    for (std::size_t i = 0; i < turns_.size(); ++i) {
        auto const document = static_cast<Document>(i);
        if (is_due(document, turns_[i])) {
            ask(document);
        }
    }
    timer_ = world_.timers().call_at(world_.clock().now() + kTick, [this] { ask_what_is_due(); });
}

void RemoteRounds::ask(Document document, std::size_t offset) {
    Turn& one = turn(document);
    one.asked = true;
    ++one.cost.asked;
    // A server that stays silent is asked again no sooner than one that answers.
    one.due = world_.clock().now() + period(document);
    asking_->ask(
        document, offset,
        [this, document, use = use_, alive = std::weak_ptr(alive_)](Result<Answer> const& answer) {
            if (!alive.expired()) {
                take(document, use, answer);
            }
        });
}

void RemoteRounds::take(Document document, std::uint64_t use, Result<Answer> const& answer) {
    if (use != use_) {
        return;
    }
    Turn& one = turn(document);
    one.asked = false;
    Result<Json const*> const read =
        answer.ok() ? answer.value().document() : Result<Json const*>(answer.error());
    if (!read.ok()) {
        one.cost.error = read.error().detail();
        if (read.error().code() == Errc::NotFound) {
            one.due = world_.clock().now() + kUntilAskedAgain;
        }
        return;
    }
    one.cost.error.clear();
    one.cost.bytes += answer.value().bytes;
    one.cost.last = answer.value().after;
    one.answered = world_.clock().now();
    one.due = std::max(*one.due, *one.answered + one.cost.last * kRest);
    std::size_t const next = on_document_(document, *read.value());
    // Who was told may have begun anew, with another way of asking.
    if (next > 0 && use == use_) {
        ask(document, next);
    }
}

}  // namespace signalbox::host
