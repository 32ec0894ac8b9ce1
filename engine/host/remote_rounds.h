#pragma once

#include "engine/base/time.h"
#include "engine/host/remote_asking.h"
#include "engine/observe/remote_facts.h"
#include "engine/world/world.h"

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace signalbox::host {

/// Asks a server for its documents again and again: each second what is on screen, each five what
/// only the graphs need, and less often what takes the server long to answer. Keeps count of what
/// that cost.
class RemoteRounds {
public:
    /// Answers from which entry on the next page of a list is wanted at once; 0: it is whole.
    using OnDocument = std::function<std::size_t(Document, Json const&)>;

    RemoteRounds(World& world, OnDocument on_document);
    ~RemoteRounds();

    RemoteRounds(RemoteRounds const&) = delete;
    RemoteRounds& operator=(RemoteRounds const&) = delete;

    /// Begins anew with all that is wanted; none stops. `asking` outlives its use.
    void use(Asking* asking);

    /// Whether anyone looks.
    void set_watched(bool watched);
    void want(Document document, bool wanted);
    /// Soon, whatever its turn is.
    void hurry(Document document);

    /// The figures are as new as they can be asked for.
    bool is_fresh() const;
    Duration interval() const { return watched_ ? kWatched : kUnwatched; }
    std::vector<observe::AskingCost> costs() const;

    static constexpr Duration kWatched = base::seconds(1);
    static constexpr Duration kUnwatched = base::seconds(5);
    /// Of the time a server needed for an answer, so many times are waited before the next.
    static constexpr int kRest = 20;

private:
    struct Turn {
        bool wanted = false;
        bool asked = false;  ///< And not yet answered.
        std::optional<Instant> due;
        std::optional<Instant> answered;
        observe::AskingCost cost;
    };

    Turn& turn(Document document) { return turns_[static_cast<std::size_t>(document)]; }
    Duration period(Document document) const;
    bool is_due(Document document, Turn const& turn) const;
    void ask_what_is_due();
    void ask(Document document, std::size_t offset = 0);
    void take(Document document, std::uint64_t use, Result<Answer> const& answer);

    World& world_;
    OnDocument on_document_;
    Asking* asking_ = nullptr;
    std::array<Turn, kDocuments> turns_;
    bool watched_ = true;
    std::uint64_t use_ = 0;  ///< Answers to an earlier one are not taken.
    std::shared_ptr<bool> const alive_ = std::make_shared<bool>(true);
    world::TimerId timer_;
};

}  // namespace signalbox::host
