#pragma once

#include "engine/base/hash.h"
#include "engine/config/account_options.h"
#include "engine/subject/mapping.h"
#include "engine/world/entropy.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace signalbox::account {

/// Where a message goes instead of the subject it was published on.
struct Mapped {
    enum class Kind {
        Unchanged,
        Renamed,
        Lost,  ///< By a weight that leads nowhere.
    };
    Kind kind = Kind::Unchanged;
    std::string_view subject;  ///< Lasts until the next question.
};

/// The mappings of one account. What was found for recent subjects is kept, so that a message costs
/// one look into a table.
class MappingTable {
public:
    /// Those of `mappings` that can be used; the others are refused with the configuration.
    /// `cluster` is the server's, or empty.
    MappingTable(std::vector<config::MappingOptions> const& mappings, std::string_view cluster);

    bool empty() const { return mappings_.empty(); }

    /// Applied once: what comes out is not mapped again.
    Mapped map(subject::PublishSubject subject, world::Entropy& chance);

    /// The mapping that is in force for the subject; null: none.
    subject::Mapping const* find(subject::PublishSubject subject) const;

private:
    static constexpr std::size_t kMostKept = 4'096;

    struct Found {
        subject::Mapping const* mapping = nullptr;
        std::vector<std::string> made;  ///< For each way, unless that draws lots each time.
    };

    Found const& look_up(subject::PublishSubject subject, world::Entropy& chance);

    std::vector<std::unique_ptr<subject::Mapping const>> mappings_;
    std::unordered_map<std::string, Found, base::TextHash, std::equal_to<>> found_;
    std::string drawn_;  ///< The last one made by lot.
};

}  // namespace signalbox::account
