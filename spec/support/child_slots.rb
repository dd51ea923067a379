# frozen_string_literal: true

# Slots for children that are closed after each example.
RSpec.shared_context "child slots" do
  after { slots.each(&:close) }

  # The slots made by {slot}.
  def slots
    @slots ||= []
  end

  def slot(**options)
    Minigun::Native::Child.new(**options).tap { |child| slots << child }
  end

  # Records until the child is gone.
  def drain(child)
    records = []
    while (record = child.read)
      records << record
    end
    records
  end

  # What {Minigun::Native::Child#status} answers for a child that was reaped, besides its memory.
  def status(exit: nil, signal: nil, cause: nil)
    { exit: exit, signal: signal, unknown: false, cause: cause }
  end

  # The letter by which the system names what the child's main thread does: "S" sleeps, "T" is stopped.
  def state(child)
    File.read("/proc/#{child.pid}/stat").rpartition(")").last.split.first
  end

  # Waits in a child for what no test will do.
  def sleep_long
    sleep 30
  end
end
