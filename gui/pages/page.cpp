#include "gui/pages/page.h"

#include "gui/widgets/empty_state.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QStackedLayout>
#include <QTableView>
#include <QToolButton>

namespace signalbox::gui {

Page::Page(PageContext const& context, PageTitle title)
    : context_(context),
      title_(std::move(title)),
      tools_(new QHBoxLayout),
      body_(new QVBoxLayout),
      stack_(new QStackedLayout) {
    setObjectName(title_.id);
    setAccessibleName(title_.text);
    auto* const heading = new QLabel(title_.text);
    heading->setFont(Theme::scaled(1.35, QFont::DemiBold));
    tools_->setSpacing(kSpace / 2);
    tools_->addWidget(heading);
    tools_->addSpacing(kSpace * 2);
    auto* const content = new QWidget;
    body_->setContentsMargins(0, 0, 0, 0);
    body_->setSpacing(kSpace);
    content->setLayout(body_);
    stack_->addWidget(content);
    auto* const column = new QVBoxLayout(this);
    column->setContentsMargins(kSpace * 2, kSpace + 4, kSpace * 2, kSpace + 4);
    column->setSpacing(kSpace);
    column->addLayout(tools_);
    column->addLayout(stack_, 1);
}

void Page::setEmptyState(EmptyState* empty) {
    stack_->addWidget(empty);
}

void Page::showEmpty(bool empty) {
    stack_->setCurrentIndex(empty ? 1 : 0);
}

void Page::setIdleState(IdleState const& idle) {
    idle_ = idle;
    idleWidget_ = new EmptyState(idle.icon, idle.title, idle.text);
    idleWidget_->addAction(context_.actions.get(QStringLiteral("broker.start")));
    idleWidget_->addAction(context_.actions.get(isRemote() ? QStringLiteral("broker.options")
                                                           : QStringLiteral("demo.toggle")));
    setEmptyState(idleWidget_);
}

bool Page::showIdle() {
    DataSource const& source = context_.source;
    bool const shown = source.live() && source.can(idle_.needed);
    if (!shown && source.live()) {
        idleWidget_->setTitle(tr("This server does not tell"));
        idleWidget_->setText(source.explanation(idle_.needed));
    } else if (!shown && isRemote()) {
        bool const on_its_way = source.state() == BrokerState::Starting;
        idleWidget_->setTitle(on_its_way ? tr("Attaching…") : tr("Not attached"));
        idleWidget_->setText(source.stateNote());
    } else if (!shown) {
        idleWidget_->setTitle(idle_.title);
        idleWidget_->setText(idle_.text);
    }
    showEmpty(!shown);
    return shown;
}

QToolButton* Page::addTool(QAction* action, Qt::ToolButtonStyle style) {
    auto* const button = new QToolButton;
    button->setDefaultAction(action);
    button->setToolButtonStyle(style);
    button->setAccessibleName(action->text());
    button->setIconSize({18, 18});
    button->setFocusPolicy(Qt::StrongFocus);
    tools_->addWidget(button);
    return button;
}

void Page::saveColumns(QTableView const& table, QString const& name) {
    context_.settings.setValue(QStringLiteral("columns/") + name,
                               table.horizontalHeader()->saveState());
}

void Page::restoreColumns(QTableView& table, QString const& name) {
    QByteArray const state =
        context_.settings.value(QStringLiteral("columns/") + name).toByteArray();
    if (!state.isEmpty()) {
        table.horizontalHeader()->restoreState(state);
    }
}

QWidget* mutedLabel(QString const& text) {
    auto* const label = new QLabel(text);
    label->setProperty("role", "muted");
    return label;
}

}  // namespace signalbox::gui
