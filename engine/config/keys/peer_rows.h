#pragma once

#include "engine/config/keys/schema_rows.h"

#include <string>
#include <string_view>
#include <vector>

/// What the keys of blocks about other servers have in common.
namespace signalbox::config {

void read_leafnodes(Key const& key, Value const& value, Target& target);
std::string print_leafnodes(Options const& options);
bool same_leafnodes(Options const& a, Options const& b);
bool keeps_leaf_listener(Options const& old, Options const& now);

void read_gateway(Key const& key, Value const& value, Target& target);
std::string print_gateway(Options const& options);
bool same_gateway(Options const& a, Options const& b);
bool keeps_gateways(Options const& old, Options const& now);

void read_cluster(Key const& key, Value const& value, Target& target);
std::string print_cluster(Options const& options);
bool same_cluster(Options const& a, Options const& b);
/// A running server goes on listening where it does, as part of the same cluster.
bool keeps_cluster_place(Options const& old, Options const& now);

/// Adds the URL that the value is; `what` is it for: `route`.
void add_server_url(std::string_view what, Value const& value, std::vector<ServerUrl>& out,
                    Problems& problems);

/// The same for each of an array.
void read_server_urls(std::string_view what, Key const& key, Value const& value,
                      std::vector<ServerUrl>& out, Problems& problems);

template <auto Path>
void read_listen(Key const&, Value const& value, Target& target) {
    if (std::optional<ListenAddress> address = address_of(value, target.problems)) {
        at<Path>(target.as<RootOf<Path>>()) = std::move(*address);
    }
}

template <auto Path>
void read_listen_port(Key const& key, Value const& value, Target& target) {
    if (std::optional<int> const port = port_of(key, value, target.problems)) {
        at<Path>(target.as<RootOf<Path>>()).port = *port;
    }
}

/// A mode in words, a boolean or a block. `on`: what `true` stands for.
void read_compression_value(Key const& key, Value const& value, CompressionMode on,
                            CompressionOptions& into, Target& target);

template <auto Path, CompressionMode On = CompressionMode::Fast>
void read_compression(Key const& key, Value const& value, Target& target) {
    read_compression_value(key, value, On, at<Path>(target.as<RootOf<Path>>()), target);
}

/// Subjects as permissions have them: a text or an array, each checked; those that are none are
/// told. `with_queue`: an entry may name a queue group after a blank.
std::vector<std::string> permission_subjects(Value const& value, bool with_queue,
                                             Problems& problems);

/// One subject, several, or `allow` and `deny`.
permission::SubjectRules read_subject_rules(Key const& key, Value const& value, Target& target);

}  // namespace signalbox::config
