# frozen_string_literal: true

module Minigun
  module Native
    # Prepares the heap for forks: objects that have survived a full collection are left alone by the
    # collections in the children, which share their pages longer then.
    #
    # Asked for once per run, and done before the next fork. A collection takes as long as there are
    # living objects: it is left out while fewer objects were allocated since the last one than were
    # alive then, because what the children inherit is much the same still. So a process of many runs
    # spends a bounded share of its time on it, however large its heap. Nor is there a need where the
    # user has collected everything just before.
    #
    # Memory that was freed goes back to the system in either case, unless that was done a moment ago: what is
    # still there is copied, page by page, by whichever process writes to it first, which takes longer than
    # new pages do.
    #
    # @api private
    module Warmup
      # Objects that a heap may grow by in any case.
      LEAST = 20_000
      # How much longer than giving memory back takes it is before that is done again.
      REST = 20
      private_constant :LEAST, :REST

      @enough = 0
      @rested = 0.0
      @wanted = false

      class << self
        # @return [void]
        def request
          @wanted = true
        end

        # Of several threads that fork at once, one does it.
        #
        # @return [Boolean] was garbage collected?
        def call
          return false unless @wanted

          @wanted = false
          collected = grown? && collect_once
          give_back if collected || Minigun.monotonic_time >= @rested
          collected
        end

        private

        # The last collection was one as ours, and few objects have come since: what is not old has either
        # come since or has survived few collections, which are few objects in a heap that is in use.
        def collected_by_user?
          last = GC.latest_gc_info
          return false unless last[:gc_by] == :method && last[:major_by] && last[:immediate_sweep]

          old = GC.stat(:old_objects)
          GC.stat(:heap_live_slots) - old < [old, LEAST].max
        end

        def grown? = GC.stat(:total_allocated_objects) >= @enough

        def collect_once
          needed = !collected_by_user?
          collect if needed
          @enough = GC.stat(:total_allocated_objects) + [GC.stat(:heap_live_slots), LEAST].max
          needed
        end

        def collect = Process.respond_to?(:warmup) ? Process.warmup : GC.start

        # Process.warmup has given back what there was, and there is little left to do.
        def give_back
          began = Minigun.monotonic_time
          Native.trim
          ended = Minigun.monotonic_time
          @rested = ended + (REST * (ended - began))
        end
      end
    end

    private_constant :Warmup
  end
end
