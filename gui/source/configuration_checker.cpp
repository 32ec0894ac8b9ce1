#include "gui/source/configuration_checker.h"

#include "engine/base/text.h"
#include "engine/config/load.h"
#include "engine/config/validate.h"
#include "engine/host/local_files.h"

#include <QRegularExpression>

namespace signalbox::gui {

namespace {

constexpr int kPauseMilliseconds = 250;
/// What a text without a file is called where the engine asks for a name.
constexpr char const* kUntitled = "untitled.conf";

using Severity = ConfigurationProblem::Severity;

QString textOf(std::string const& text) {
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

/// The engine counts columns from 0 on the first line and from 1 on all others.
int columnOf(int line, int counted) {
    return line == 1 ? counted : std::max(0, counted - 1);
}

Severity severityOf(QString const& text) {
    bool const warning = text.contains(QLatin1String("invalid use of field")) ||
                         text.contains(QLatin1String("config has no values or is empty"));
    return warning ? Severity::Warning : Severity::Error;
}

void addProblems(std::string const& text, std::string const& name, CheckResult& result) {
    for (std::string_view const line : base::split(text, '\n')) {
        if (!line.empty()) {
            result.problems.push_back(problemOf(std::string(line), name));
        }
    }
}

Result<config::Loaded> read(std::string const& text, std::string const& name,
                            Configuration& configuration) {
    host::LocalFiles files;
    configuration.document = TRY(config::parse_text(text, name, files, host::environment()));
    config::Loaded loaded = TRY(config::read_options(configuration.document, name, files));
    TRY(config::validate(loaded.options));
    return loaded;
}

}  // namespace

ConfigurationProblem problemOf(std::string const& line, std::string const& name) {
    static QRegularExpression const place(QStringLiteral("^(.+):(\\d+):(\\d+): (.*)$"));
    static QRegularExpression const inBrackets(QStringLiteral("^(.*) \\((.+):(\\d+):(\\d+)\\)$"));
    static QRegularExpression const included(
        QStringLiteral("^error parsing include file '(.*?)', (.*)$"));
    static QRegularExpression const parse(QStringLiteral("[Pp]arse error on line (\\d+): '(.*)'$"));
    static QRegularExpression const variable(QStringLiteral(" on line (\\d+) "));
    ConfigurationProblem problem;
    problem.text = textOf(line);
    problem.severity = severityOf(problem.text);
    auto const stands = [&](QString const& file, QString const& at, QString const& column) {
        problem.file = file == textOf(name) ? QString() : file;
        problem.line = at.toInt();
        problem.column = columnOf(problem.line, column.toInt());
    };
    if (auto const within = included.match(problem.text); within.hasMatch()) {
        problem.file = within.captured(1);
        ConfigurationProblem const inner = problemOf(within.captured(2).toStdString(), "");
        problem.line = inner.line;
        problem.text = inner.text;
    } else if (auto const found = place.match(problem.text); found.hasMatch()) {
        stands(found.captured(1), found.captured(2), found.captured(3));
        problem.text = found.captured(4);
    } else if (auto const bracketed = inBrackets.match(problem.text); bracketed.hasMatch()) {
        stands(bracketed.captured(2), bracketed.captured(3), bracketed.captured(4));
        problem.text = bracketed.captured(1);
    } else if (auto const broken = parse.match(problem.text); broken.hasMatch()) {
        problem.line = broken.captured(1).toInt();
        problem.text = broken.captured(2);
    } else if (auto const unknown = variable.match(problem.text); unknown.hasMatch()) {
        problem.line = unknown.captured(1).toInt();
    }
    return problem;
}

CheckResult checkConfiguration(std::string const& text, QString const& path) {
    CheckResult result;
    std::string const name = path.isEmpty() ? kUntitled : path.toStdString();
    auto configuration = std::make_shared<Configuration>();
    configuration->path = path;
    Result<config::Loaded> loaded = read(text, name, *configuration);
    if (!loaded.ok()) {
        addProblems(loaded.error().detail(), name, result);
        return result;
    }
    for (std::string const& warning : loaded.value().warnings) {
        addProblems(warning, name, result);
    }
    configuration->options = std::move(loaded).value().options;
    result.configuration = std::move(configuration);
    return result;
}

ConfigurationChecker::ConfigurationChecker(QObject* parent) : QObject(parent) {
    pool_.setMaxThreadCount(1);
    pause_.setSingleShot(true);
    connect(&pause_, &QTimer::timeout, this, &ConfigurationChecker::begin);
}

ConfigurationChecker::~ConfigurationChecker() {
    pool_.waitForDone();
}

void ConfigurationChecker::checkSoon(std::string text, QString path) {
    waiting_ = Task{.text = std::move(text), .path = std::move(path), .number = ++asked_};
    pause_.start(kPauseMilliseconds);
}

void ConfigurationChecker::checkNow(std::string text, QString path) {
    waiting_ = Task{.text = std::move(text), .path = std::move(path), .number = ++asked_};
    pause_.stop();
    begin();
}

void ConfigurationChecker::begin() {
    if (busy_ || !waiting_) {
        return;
    }
    busy_ = true;
    pool_.start([this, task = *std::exchange(waiting_, std::nullopt)] {
        CheckResult result = checkConfiguration(task.text, task.path);
        result.number = task.number;
        QMetaObject::invokeMethod(
            this, [this, result = std::move(result)] { take(result); }, Qt::QueuedConnection);
    });
}

void ConfigurationChecker::take(CheckResult const& result) {
    busy_ = false;
    if (result.number == asked_) {
        emit checked(result);
    } else if (!pause_.isActive()) {
        begin();
    }
}

}  // namespace signalbox::gui
