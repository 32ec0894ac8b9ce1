#pragma once

#include "engine/config/options.h"
#include "engine/config/parser.h"

#include <QString>

#include <memory>
#include <vector>

namespace signalbox::gui {

/// A configuration that was read and found good: what it asks for, and where each thing of it
/// stands. Never changed after.
struct Configuration {
    config::Options options;
    config::Document document;  ///< Nothing in it for a broker that was started without a file.
    QString path;               ///< Of the file; empty for a text that was never saved.
};
using ConfigurationPtr = std::shared_ptr<Configuration const>;

/// Something to say of one place of a configuration.
struct ConfigurationProblem {
    enum class Severity {
        Error,
        Warning,
    };

    Severity severity = Severity::Error;
    QString file;     ///< Empty: the checked text itself.
    int line = 0;     ///< From 1; 0: of the whole.
    int column = -1;  ///< From 0; less than 0: none known.
    QString text;
};

/// What the engine's own reading of a configuration came to.
struct CheckResult {
    quint64 number = 0;              ///< Grows with each text handed in.
    ConfigurationPtr configuration;  ///< None when there are errors.
    std::vector<ConfigurationProblem> problems;
};

}  // namespace signalbox::gui
