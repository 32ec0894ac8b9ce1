#include "engine/base/check.h"
#include "engine/sim/sim_entropy.h"
#include "engine/subject/mapping.h"
#include "engine/subject/renaming.h"
#include "engine/subject/transform.h"

#include <cstdint>
#include <string_view>

// Three lines: a source, a destination and a subject. What is accepted is applied without harm, and
// a renaming leads back.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    using namespace signalbox;
    std::string_view rest(reinterpret_cast<char const*>(data), size);
    auto const line = [&rest] {
        std::size_t const end = std::min(rest.find('\n'), rest.size());
        std::string_view const text = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        return text;
    };
    std::string_view const source = line();
    std::string_view const destination = line();
    auto const subject = subject::PublishSubject::parse(rest);
    if (!subject.ok()) {
        return 0;
    }
    sim::SimEntropy chance(1);
    using subject::TransformUse;
    for (TransformUse const use :
         {TransformUse::Stream, TransformUse::Mapping, TransformUse::Import}) {
        if (auto const made = subject::Transform::create(source, destination, use); made.ok()) {
            made.value().apply(subject.value(), chance);
        }
    }
    auto const renaming = subject::Renaming::create(source, destination);
    if (renaming.ok() && subject.value().is_literal()) {
        if (auto const here = renaming.value().to_local(subject.value())) {
            renaming.value().to_exported(subject::PublishSubject::from_token(*here));
        }
        renaming.value().to_exported(subject.value());
    }
    return 0;
}
