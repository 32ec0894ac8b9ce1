#include "gui/widgets/check_list.h"

#include "gui/models/figures.h"

#include <QGridLayout>
#include <QLabel>
#include <QThreadPool>

#include <utility>

namespace signalbox::gui {

namespace {

using State = host::CheckStep::State;

QString markOf(State state) {
    switch (state) {
        case State::Waiting:
            return QStringLiteral("·");
        case State::Running:
            return QStringLiteral("…");
        case State::Passed:
            return QStringLiteral("✓");
        case State::Warning:
            return QStringLiteral("⚠");
        case State::Failed:
            return QStringLiteral("✗");
        case State::Skipped:
            return QStringLiteral("–");
    }
    return {};
}

QString roleOf(State state) {
    switch (state) {
        case State::Passed:
            return QStringLiteral("good");
        case State::Warning:
            return QStringLiteral("warning");
        case State::Failed:
            return QStringLiteral("error");
        case State::Waiting:
        case State::Running:
        case State::Skipped:
            break;
    }
    return QStringLiteral("muted");
}

}  // namespace

CheckList::CheckList(Theme const& theme, QWidget* parent) : QWidget(parent), theme_(theme) {
    // In the order of host::Check.
    std::array<QString, host::kChecks> const names = {
        tr("Name"),   tr("Connection"),     tr("Greeting"),  tr("Encryption"),
        tr("Log in"), tr("System account"), tr("Monitoring")};
    auto* const grid = new QGridLayout(this);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(kSpace + 2);
    grid->setVerticalSpacing(3);
    grid->setColumnStretch(3, 1);
    for (std::size_t i = 0; i < rows_.size(); ++i) {
        Row& row = rows_[i];
        row = {new QLabel, new QLabel(names[i]), new QLabel, new QLabel};
        row.mark->setFixedWidth(16);
        row.mark->setAlignment(Qt::AlignHCenter | Qt::AlignTop);
        row.name->setAlignment(Qt::AlignTop);
        row.time->setProperty("role", "muted");
        row.time->setAlignment(Qt::AlignRight | Qt::AlignTop);
        row.time->setMinimumWidth(60);
        row.text->setWordWrap(true);
        row.text->setAlignment(Qt::AlignTop);
        row.text->setTextInteractionFlags(Qt::TextSelectableByMouse);
        row.text->setAccessibleName(names[i]);
        int const line = static_cast<int>(i);
        grid->addWidget(row.mark, line, 0);
        grid->addWidget(row.name, line, 1);
        grid->addWidget(row.time, line, 2);
        grid->addWidget(row.text, line, 3);
    }
    timer_.setInterval(50);
    connect(&timer_, &QTimer::timeout, this, &CheckList::poll);
    clear();
}

CheckList::~CheckList() {
    letGo();
}

void CheckList::letGo() {
    timer_.stop();
    if (check_) {
        // A look-up of a name under way would hold its end up, and the window with it.
        QThreadPool::globalInstance()->start([gone = std::shared_ptr<host::RemoteCheckThread>(
                                                  std::move(check_))]() mutable { gone.reset(); });
    }
}

void CheckList::run(host::RemoteOptions options) {
    letGo();
    clear();
    check_ = std::make_unique<host::RemoteCheckThread>(std::move(options));
    timer_.start();
}

void CheckList::clear() {
    show({});
}

void CheckList::poll() {
    // In this order: what is done is complete.
    bool const done = check_->done();
    show(check_->steps());
    if (done) {
        letGo();
        emit finished();
    }
}

void CheckList::show(host::CheckSteps const& steps) {
    for (std::size_t i = 0; i < rows_.size(); ++i) {
        host::CheckStep const& step = steps[i];
        Row& row = rows_[i];
        Tone const tone = step.state == State::Passed    ? Tone::Good
                          : step.state == State::Warning ? Tone::Warning
                          : step.state == State::Failed  ? Tone::Error
                                                         : Tone::Muted;
        row.mark->setText(QStringLiteral("<span style=\"color:%1\">%2</span>")
                              .arg(theme_.color(tone).name(), markOf(step.state)));
        row.mark->setAccessibleName(roleOf(step.state));
        row.time->setText(step.took.count() > 0 ? shortDuration(step.took) : QString());
        row.text->setTextFormat(Qt::PlainText);
        row.text->setText(step.state == State::Waiting && i == 0
                              ? tr("Not tested yet.")
                              : QString::fromStdString(step.text));
        row.text->setEnabled(step.state != State::Skipped);
    }
}

}  // namespace signalbox::gui
